"""All published numbers of a data set beside ours, a table per kind; letters name what our runs differ in."""

from collections.abc import Callable, Mapping
from string import ascii_lowercase
from typing import Any

import pandas as pd

from attnexplain.figures.report.grid import count, digits_for, interval, missing, number
from attnexplain.figures.report.published import decimals, signed
from attnexplain.pages.markdown import bullets, escaped, folded, table
from attnexplain.pages.results import label
from attnexplain.statistics.published import PERMUTED, SIGNIFICANT, SPREAD

Row = dict[str, Any]
TAU = "kendall-tau"
KINDS = {
    "Kendall τ, mean over texts": lambda metric: metric == TAU,
    "Kendall τ, standard deviation over texts": lambda metric: metric == SPREAD,
    "Kendall τ, share of texts with p ≤ 0.05": lambda metric: metric == SIGNIFICANT,
    "Performance on test": lambda metric: metric in ("accuracy", "f1", "roc-auc"),
    "Permuted attention: quartiles of the median distance": lambda metric: metric.startswith(f"{PERMUTED}:"),
}
KEY = ("encoder", "attention", "metric", "method", "method_b", "class")
SETS = ("A", "B")
COLUMNS = ("Set A", "Set B", "Ours", "Difference", "Inside", "Seeds", "Texts", "Note")


def numbers(replication: pd.DataFrame, dataset: str) -> str:
    """The tables of one data set, folded, with their notes below; one line where nothing of it was run."""
    rows = replication[replication["dataset"] == dataset]
    if rows.empty:
        return f"**{label(dataset)}**: no published number is of a planned model."
    if rows["ours"].isna().all():
        reasons = "; ".join(escaped(str(reason)) for reason in rows["missing_reason"].dropna().unique())
        return f"**{label(dataset)}**: {count(len(rows))} published numbers, none of ours: {reasons}."
    notes = Notes()
    parts = []
    for kind, is_of_kind in KINDS.items():
        of_kind = rows[rows["metric"].map(is_of_kind)]
        if len(of_kind):
            parts.append(f"*{kind}*\n\n{_table(of_kind, notes)}")
    body = "\n\n".join([*parts, notes.text()])
    beside, judged = int(rows["ours"].notna().sum()), rows["inside"].dropna().astype(bool)
    inside = int(judged.sum())
    summary = (
        f"<b>{label(dataset)}</b>: {count(len(rows))} published numbers, {count(beside)} beside ours; {count(inside)} "
        f"of {count(len(judged))} inside our interval"
    )
    return folded(summary, body)


class Notes:
    """Letters for texts, in the order in which they are first needed."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def letter(self, text: str) -> str:
        """The letter of a text: a, b, ..., z, aa, ab, ..."""
        return self._letters.setdefault(text, letters(len(self._letters)))

    def by_letter(self) -> dict[str, str]:
        """All notes by their letters."""
        return {letter: text for text, letter in self._letters.items()}

    def text(self) -> str:
        """All notes as a list."""
        return bullets(f"**{letter}**: {escaped(text)}" for text, letter in self._letters.items())


def letters(place: int) -> str:
    """0 -> a, 25 -> z, 26 -> aa."""
    before, last = divmod(place, len(ascii_lowercase))
    return (letters(before - 1) if before else "") + ascii_lowercase[last]


def grouped(rows: pd.DataFrame) -> list[dict[str, Row]]:
    """Rows of one measure together: the row of each result set by its letter, and the limits of our run."""
    found: dict[tuple[Any, ...], dict[str, Row]] = {}
    for row in rows.to_dict("records"):
        named: Row = {str(name): None if missing(value) else value for name, value in row.items()}
        key = tuple(named[name] for name in (*KEY, "limits"))
        found.setdefault(key, {})[str(named["result_set"])] = named
    return list(found.values())


def _table(rows: pd.DataFrame, notes: Notes) -> str:
    metrics = set(rows["metric"])
    about: list[tuple[str, Callable[[Mapping[str, Any]], str]]] = [
        ("Encoder", lambda row: label(row["encoder"])),
        ("Attention", lambda row: label(row["attention"])),
    ]
    if rows["method_b"].notna().any():
        about.append(("Pair", lambda row: f"{label(row['method'])} vs {label(row['method_b']).lower()}"))
    elif metrics & {"accuracy", "f1", "roc-auc"}:
        about.append(("Measure", lambda row: label(row["metric"])))
    else:
        about.append(("Largest weight", lambda row: row["metric"].split(":")[3]))
        about.append(("Quartile", lambda row: row["metric"].split(":")[2]))
    about.append(("Class", lambda row: row["class"]))
    lines = []
    for sets in grouped(rows):
        first = next(iter(sets.values()))
        lines.append([*(cell(first) for _, cell in about), *_cells(sets, notes)])
    return table([*(name for name, _ in about), *COLUMNS], lines, left=len(about))


def _cells(sets: Mapping[str, Row], notes: Notes) -> list[str]:
    """Both sets, ours, the difference to set B (to A where B has none), and the note."""
    row = sets["B"] if "B" in sets else sets["A"]
    published = [number(sets[name]["published"], decimals(row["metric"])) if name in sets else "–" for name in SETS]
    if row["ours"] is None:
        return [*published, "–", "–", "–", "–", "–", notes.letter(f"ours is missing: {row['missing_reason']}")]
    digits = digits_for(row["ci_low"], row["ci_high"])
    ours = f"{number(row['ours'], digits)} {interval(row['ci_low'], row['ci_high'], digits)}".strip()
    told = "; ".join(
        f"against set {name}: {sets[name]['deviations'] or 'no difference known'}" for name in sorted(sets)
    )
    inside = "–" if row["inside"] is None else "yes" if row["inside"] else "no"
    counts = [count(row["n_seeds"]), count(row["n_examples"])]
    return [*published, ours, signed(row["difference"], decimals(row["metric"])), inside, *counts, notes.letter(told)]
