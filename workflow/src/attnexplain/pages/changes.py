"""What `compare` says: rows by what became of them, those that changed, and what the two sides were made with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attnexplain.figures.report.grid import count, digits_for, interval, missing, number, plural
from attnexplain.figures.report.published import signed
from attnexplain.figures.style import Style
from attnexplain.pages.markdown import bullets, escaped, table
from attnexplain.statistics.changes import INDEPENDENT, PAIRED, ROUNDING
from attnexplain.tables.statistics import CELL

MEANINGS = {
    "changed": "changed beyond noise, after adjustment for all rows that differ",
    "perhaps": "perhaps changed: 0 lies outside the interval, and it does not stand after adjustment",
    "noise": "within noise",
    "unknown": "differs, and there is no interval to judge it by",
    "lost": "has a value in A alone",
    "gained": "has a value in B alone",
    "details": f"same mean, another interval or count (beyond {ROUNDING:g})",
    "rounding": f"equal up to rounding ({ROUNDING:g})",
    "same": "equal to the last bit",
    "only-a": "row of A alone",
    "only-b": "row of B alone",
}
_JUDGED = {
    "changed": "Changed beyond noise",
    "perhaps": "Perhaps changed",
    "unknown": "Differ without an interval",
}


@dataclass(frozen=True)
class Comparison:
    """Names of the two, a row per row of either, and what they differ in: code, versions, options of runs."""

    names: tuple[str, str]
    rows: pd.DataFrame
    confidence: float
    made_with: Sequence[tuple[str, str, str]]
    specifications: Mapping[tuple[str, str, str], int]

    @property
    def has_changed(self) -> bool:
        """Whether a value changed beyond noise, or is missing on one side."""
        return bool(self.rows["status"].isin(("changed", "lost", "gained")).any())


def page(found: Comparison, shown: int | None = None) -> str:
    """Markdown; of each table at most `shown` rows."""
    rows = found.rows
    parts = ["# What changed", _introduction(found), _counts(rows)]
    for status, title in _JUDGED.items():
        chosen = rows[rows["status"] == status]
        if len(chosen):
            ordered = chosen.assign(size=chosen["difference"].astype(float).abs())
            ordered = ordered.sort_values(["p_value", "size"], ascending=[True, False], kind="stable")
            parts += [f"## {title}", *_cut(ordered, shown, _differences)]
    gone = rows[rows["status"].isin(("lost", "gained"))]
    if len(gone):
        parts += ["## With a value on one side alone", *_cut(gone, shown, _reasons)]
    details = rows[rows["status"] == "details"]
    if len(details):
        parts += ["## Same mean, other numbers", bullets(_columns(details))]
    for status, side in (("only-a", "A"), ("only-b", "B")):
        chosen = rows[rows["status"] == status]
        if len(chosen):
            parts += [f"## Rows of {side} alone", bullets(_groups(chosen))]
    return "\n\n".join([*parts, "## What they were made with", *_made_with(found)]) + "\n"


def _introduction(found: Comparison) -> str:
    paired, independent = ((found.rows["basis"] == basis).sum() for basis in (PAIRED, INDEPENDENT))
    a, b = found.names
    return (
        f"A is `{a}`, B is `{b}`. Differences are B less A, with {100 * found.confidence:g} % intervals. "
        f"{plural(paired, 'row is', 'rows are')} judged by the same texts under the same seeds (paired), "
        f"{count(independent)} by the two intervals alone (independent, too wide where both rest on the same texts). "
        "An interval `examples-only` leaves out that training itself varies."
    )


def _counts(rows: pd.DataFrame) -> str:
    sizes = rows["status"].value_counts()
    lines = [[meaning, count(sizes[status])] for status, meaning in MEANINGS.items() if status in sizes]
    return table(["Rows of the statistics", "Number"], lines)


def _cut(rows: pd.DataFrame, shown: int | None, lines: Any) -> Iterator[str]:
    yield lines(rows.head(len(rows) if shown is None else shown))
    if shown is not None and len(rows) > shown:
        yield f"... and {count(len(rows) - shown)} more; `--output` writes all."


def _differences(rows: pd.DataFrame) -> str:
    columns = ["Model", "Measure", "Class", "A", "B", "B − A", "Interval", "Kind", "Texts × seeds", "p, Holm"]
    return table(columns, [_difference(row) for _, row in rows.iterrows()], left=3)


def _difference(row: pd.Series) -> list[str]:
    # One digit more than the interval: what changed may be small against what it changed.
    digits = digits_for(row["ci_low"], row["ci_high"])
    values = [number(row["a"], digits), number(row["b"], digits), signed(row["difference"], digits)]
    kind = "–" if missing(row["ci_kind"]) else f"{row['basis']}, {row['ci_kind']}"
    sizes = "–" if missing(row["n_examples"]) else f"{count(row['n_examples'])} × {count(row['n_seeds'])}"
    p = "–" if missing(row["p_adjusted"]) else _p_value(row["p_adjusted"])
    return [*_name(row), *values, interval(row["ci_low"], row["ci_high"], digits) or "–", kind, sizes, p]


def _p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else number(p, 3)


def _reasons(rows: pd.DataFrame) -> str:
    lines = [
        [
            *_name(row),
            number(row["a"]),
            number(row["b"]),
            str(row["reason_b" if row["status"] == "lost" else "reason_a"]),
        ]
        for _, row in rows.iterrows()
    ]
    return table(["Model", "Measure", "Class", "A", "B", "Why"], lines, left=3)


def _name(row: pd.Series) -> list[str]:
    """Model, measure with methods, and class, by their identifiers: the rows are looked up by them."""
    model = ", ".join(str(row[axis]) for axis in CELL if row[axis] not in ("none", "softmax"))
    methods = ", ".join(row[name] for name in ("method", "method_b") if row[name])
    return [model, f"{row['metric']} ({methods})" if methods else row["metric"], row["class"]]


def _columns(rows: pd.DataFrame) -> Iterator[str]:
    found = rows["differs_in"].str.split(", ").explode().value_counts()
    for column, size in sorted(found.items()):
        yield f"`{column}`: {plural(size, 'row', 'rows')}"


def _groups(rows: pd.DataFrame) -> Iterator[str]:
    """Metrics of each data set, with the number of their rows."""
    for dataset, group in rows.groupby("dataset", sort=True):
        sizes = group["metric"].value_counts().sort_index()
        metrics = ", ".join(f"`{metric}` ({count(size)})" for metric, size in sizes.items())
        yield f"{escaped(Style().label(str(dataset)))}: {metrics}"


def _made_with(found: Comparison) -> Iterator[str]:
    if found.made_with:
        yield table(["What", "A", "B"], [list(row) for row in found.made_with], left=3)
    else:
        yield "No difference is known in code, versions or devices."
    if found.specifications:
        yield "Runs of the same model and seed differ in their specification:"
        lines = [[*row, count(size)] for row, size in sorted(found.specifications.items())]
        yield table(["Option", "A", "B", "Runs"], lines, left=3)
