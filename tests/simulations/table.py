"""The rows as csv, and as a page: what the statistics of a study mean, and how far they keep what they say."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from attnexplain.pages.markdown import bullets, table
from simulations.catalogue import QUESTIONS
from simulations.cell import Cell, Question, Row, Summary
from simulations.explained import EXPLAINED, HEAD

SETTINGS = tuple(field.name for field in fields(Cell) if field.name != "share")
COLUMNS = (*SETTINGS, *(field.name for field in fields(Summary)))
TEXTS = ("question", "kind", "values", "variance", "design", "parameter", "quantity")
WHOLE = ("n_seeds", "n_examples", "replicates", "undefined")
HEADS = {"n_examples": "examples", "level": "level"}
ENOUGH = 3  # seeds, from which on the default should be right


def write(output: Path, rows: Sequence[Row], replicates: int) -> None:
    """`output`.csv and `output`.md."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _number(row[name]) for name in COLUMNS} for row in rows)
    output.with_suffix(".md").write_text(page(output.stem, rows, replicates), encoding="utf-8")


def read(output: Path) -> list[Row]:
    """The rows of `output`.csv, as they were written."""
    with output.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        return [{name: _value(name, text) for name, text in row.items()} for row in csv.DictReader(file)]


def page(stem: str, rows: Sequence[Row], replicates: int) -> str:
    """The page as Markdown: what the numbers mean, then what was found."""
    by_question = {name: [row for row in rows if row["question"] == name] for name in QUESTIONS}
    asked = [(QUESTIONS[name], found) for name, found in by_question.items() if found]
    head = HEAD.format(csv=f"{stem}.csv", replicates=f"{replicates:,}", error=f"{_largest_error(rows):.3f}")
    short = table(
        ("Question", "Kind", "What", "Should be", "1 seed", "2 seeds", "3 seeds on", "Outside"), _short(asked), left=3
    )
    parts = [head, short, EXPLAINED, *(_section(*one) for one in asked)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def spread(rows: Iterable[Row]) -> str:
    """Smallest and largest estimate, an arrow at each that is off its target; a dash where there is none."""
    known = sorted((row for row in rows if row["estimate"] is not None), key=lambda row: row["estimate"])
    if not known:
        return "–"
    ends = [known[0]] if len(known) == 1 else [known[0], known[-1]]
    texts = [marked(row) for row in ends]
    return texts[0] if len(set(texts)) == 1 else " to ".join(texts)


def marked(row: Row) -> str:
    """The estimate, with an arrow where it is below or above its target."""
    arrow = ""
    if row["on_target"] is False:
        arrow = "↓" if row["estimate"] < row["target_low"] else "↑"
    return f"{digits(row['estimate'])}{arrow}"


def digits(value: float) -> str:
    """Three decimals without the leading zero: .953."""
    text = f"{value:.3f}"
    return text if abs(value) >= 1 else text.replace("0.", ".", 1)


def _short(asked: Iterable[tuple[Question, Sequence[Row]]]) -> list[list[str]]:
    """Per question, kind and quantity with a target: estimates by the number of seeds, and how many are off target."""
    lines = []
    for question, rows in asked:
        for (kind, quantity), found in grouped(rows, ("kind", "quantity")).items():
            if quantity not in question.targets or quantity not in question.shown:
                continue
            one, two, more = (spread(row for row in found if _of(row["n_seeds"], seeds)) for seeds in (1, 2, ENOUGH))
            lines.append([question.name, kind, quantity, _range(found[0]), one, two, more, _outside(found)])
    return lines


def _of(n_seeds: int, asked: int) -> bool:
    return n_seeds == asked or asked == ENOUGH <= n_seeds


def _outside(rows: Sequence[Row]) -> str:
    """How many cells are off target, of those of enough seeds where there are any."""
    counted = [row for row in rows if row["n_seeds"] >= ENOUGH] or list(rows)
    return f"{sum(row['on_target'] is False for row in counted)} of {len(counted)}"


def _range(row: Row) -> str:
    low, high = row["target_low"], row["target_high"]
    if low == 0:
        return f"up to {digits(high)}"
    return f"{digits(low)} on" if high == 1 else f"{digits(low)} to {digits(high)}"


def _section(question: Question, rows: Sequence[Row]) -> str:
    shown = [row for row in rows if row["quantity"] in question.shown]
    seeds = sorted({row["n_seeds"] for row in shown})
    by = [name for name in question.by if name in ("kind",) or len({row[name] for row in shown}) > 1]
    lines = [
        [*map(_setting, key), *(spread(row for row in found if row["n_seeds"] == n) for n in seeds)]
        for key, found in grouped(shown, by).items()
    ]
    heads = [*(HEADS.get(name, name).capitalize() for name in by), *(_seeds(n) for n in seeds)]
    title = f"## {question.name[0].upper()}{question.name[1:]}"
    parts = [title, question.about, table(heads, lines, left=len(by)), _misses(question, shown)]
    return "\n\n".join(filter(None, parts))


def _misses(question: Question, rows: Iterable[Row]) -> str:
    """The cells of the default that are off target from three seeds on, each named."""
    found = [row for row in rows if row["kind"] == question.default and row["n_seeds"] >= ENOUGH and not _right(row)]
    if question.default is None:
        return ""
    if not found:
        return f"`{question.default}` is on target in every cell of three seeds or more."
    head = f"Cells of three seeds or more in which `{question.default}` is off target:"
    return f"{head}\n\n{bullets(_described(row) for row in found)}"


def _right(row: Row) -> bool:
    return row["on_target"] is not False


def _described(row: Row) -> str:
    names = [name for name in SETTINGS if name not in ("question", "kind", "n_seeds", "n_examples", "level")]
    what = [str(row[name]) for name in names if row[name]]
    level = "" if row["level"] is None else f" {row['level']:g}"
    sizes = f"{_seeds(row['n_seeds'])}, {row['n_examples']} examples"
    error = f"± {digits(row['monte_carlo_se'])}" if row["monte_carlo_se"] is not None else ""
    return f"{', '.join(what)}{level}, {sizes}: {row['quantity']} {marked(row)} {error}".rstrip()


def grouped(rows: Iterable[Row], by: Sequence[str]) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by the values of some columns, in the order in which these first appear."""
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in by)].append(row)
    return dict(found)


def _largest_error(rows: Iterable[Row]) -> float:
    return max((row["monte_carlo_se"] for row in rows if row["monte_carlo_se"] is not None), default=0.0)


def _setting(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value or "–")


def _seeds(n: int) -> str:
    return "1 seed" if n == 1 else f"{n} seeds"


def _number(value: Any) -> Any:
    """Six digits, so that a csv can be read by people; a missing number is empty."""
    return f"{value:.6g}" if isinstance(value, float) else value


def _value(name: str, text: str) -> Any:
    if name in TEXTS or text == "":
        return text if name in TEXTS else None
    if name == "on_target":
        return text == "True"
    return int(text) if name in WHOLE else float(text)
