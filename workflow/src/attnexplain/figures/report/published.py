"""Published numbers with ours beside them."""

import pandas as pd

from attnexplain.figures.cells import measure_name
from attnexplain.figures.report.grid import Cell, Grid, digits_for, interval, measured, missing, number, quantity, words
from attnexplain.figures.style import Style

COLUMNS = ["Data set", "Encoder", "Attention", "Measure", "Class", "Published", "Ours", "Difference", "Inside"]
REST = ["Texts", "Seeds", "Limits", "Vectors", "Differs from the published protocol in", "Source"]


def replication(table: pd.DataFrame, style: Style) -> Grid:
    """One row per published number."""
    rows = [_row(row, style) for _, row in table.iterrows()]
    return Grid([*COLUMNS, *REST], rows, frozenset(["Published", "Ours", "Difference", "Texts", "Seeds"]))


def _row(row: pd.Series, style: Style) -> list[Cell]:
    return [
        *(Cell(style.label(row[axis])) for axis in ("dataset", "encoder", "attention")),
        Cell(measure_name(row, style)),
        Cell(style.label(row["class"])),
        measured(row["published"], decimals(row["metric"])),
        _ours(row),
        Cell(
            signed(row["difference"], decimals(row["metric"])),
            order=None if missing(row["difference"]) else float(row["difference"]),
        ),
        words(None if missing(row["inside"]) else "yes" if row["inside"] else "no"),
        quantity(row["n_examples"]),
        quantity(row["n_seeds"]),
        *(words(row[name]) for name in ("limits", "vectors", "deviations")),
        Cell(row["published_source"], (row["result_set"],)),
    ]


def _ours(row: pd.Series) -> Cell:
    if missing(row["ours"]):
        return Cell("–", (str(row["missing_reason"]),) if not missing(row["missing_reason"]) else ())
    digits = digits_for(row["ci_low"], row["ci_high"])
    between = interval(row["ci_low"], row["ci_high"], digits)
    return measured(row["ours"], digits, [between] if between else [])


def decimals(metric: str) -> int:
    """As many as were published: two of tau, three of performance and of distances."""
    return 2 if metric.startswith("kendall-tau") else 3


def signed(value: float, digits: int) -> str:
    """A difference with its sign."""
    text = number(value, digits)
    return text if missing(value) or text.startswith("−") else f"+{text}"
