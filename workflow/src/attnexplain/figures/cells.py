"""What the figures and the report ask of a table: rows of a metric or pair, names of cells, an empty figure."""

import textwrap
from collections.abc import Iterable

import pandas as pd
from matplotlib.figure import Figure

from attnexplain.figures.layout import TITLE, WIDTHS, text_width, wrapped
from attnexplain.figures.style import MUTED, Style
from attnexplain.identifiers import base_name
from attnexplain.tables.statistics import CELL

_WHY = 46  # letters of a reason
MODEL = ("encoder", "attention", "normaliser", "regulariser")
# The two agreements of Jain & Wallace (2019), section 4.1.
PAIRS = (("attention", "gradient"), ("attention", "leave-one-out"))


def of_metric(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Rows of a metric, its variants with other options included."""
    return table[table["metric"].map(base_name) == metric] if len(table) else table


def of_pairs(table: pd.DataFrame, pairs: Iterable[Iterable[str]] = PAIRS) -> pd.DataFrame:
    """Rows whose two methods are one of `pairs`, variants with other options included."""
    rows = table[table["method"].notna() & table["method_b"].notna()]
    wanted = {frozenset(pair) for pair in pairs}
    found = [frozenset(map(base_name, both)) in wanted for both in zip(rows["method"], rows["method_b"], strict=True)]
    return rows[found] if len(rows) else rows


def dataset_name(row: pd.Series, style: Style) -> str:
    """Name of a row's data set; a subset says so."""
    limits = "" if row["limits"] == "none" else f" [{row['limits']}]"
    return f"{style.label(row['dataset'])}{limits}"


def dataset_names(cells: pd.DataFrame, style: Style) -> list[str]:
    """Names of the data sets of some rows, each once, in their order."""
    return list(dict.fromkeys(dataset_name(row, style) for _, row in cells.iterrows()))


def attention_name(row: pd.Series, style: Style) -> str:
    """Attention of a row, with normaliser and regulariser where they are not the plain ones."""
    return ", ".join(style.label(part) for part in attention_parts(row))


def model_name(row: pd.Series, style: Style) -> str:
    """Encoder and attention of a row."""
    return f"{style.label(row['encoder'])}, {attention_name(row, style)}"


def pair_name(row: pd.Series, style: Style) -> str:
    """The two methods of a row, attention first."""
    first, second = row["method"], row["method_b"]
    if base_name(second) == "attention":
        first, second = second, first
    return f"{style.label(first)} vs {inside_sentence(style.label(second))}"


def sort_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of their cells: data sets, encoders and attentions alphabetically, `none` first in controls."""
    columns = [column for column in (*CELL, "metric", "method", "method_b", "class") if column in table]
    return table.sort_values(columns, key=_none_first, kind="stable").reset_index(drop=True)


def why_missing(row: pd.Series, letters: int = _WHY) -> str:
    """What to print where a row has no value, its reason in at most so many letters."""
    reason = row.get("missing_reason")
    if not isinstance(reason, str) or not reason:
        reason = f"undefined for all {int(row['n_undefined']):,} examples × seeds"
    return "no value: " + textwrap.shorten(reason, letters, placeholder=" …")


def empty_figure(message: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    lines = wrapped(message, WIDTHS[1] - 0.3, 8)
    figure = Figure(figsize=(WIDTHS[1], 0.7 + 0.14 * lines.count("\n")))
    figure.text(0.5, 0.5, lines, ha="center", va="center", color=MUTED, fontsize=8)
    return figure


def measure_name(row: pd.Series, style: Style) -> str:
    """Metric of a row with its method or pair."""
    if pd.isna(row["method"]):
        return style.label(row["metric"])
    who = style.label(row["method"]) if pd.isna(row["method_b"]) else pair_name(row, style)
    return f"{style.label(row['metric'])}: {who}"


def pair_names(table: pd.DataFrame, style: Style) -> list[str]:
    """Name of each row's panel: its pair, and its metric where the table holds several variants of one."""
    several = table["metric"].nunique() > 1
    return [
        pair_name(row, style) + (f": {style.label(row['metric'])}" if several else "") for _, row in table.iterrows()
    ]


def panel_title(first: str, second: str, width: float) -> str:
    """Two names above a panel of `width` inches: on one line where they fit, or each in lines of its own."""
    one_line = f"{first}: {second}"
    if text_width(one_line, TITLE) <= width:
        return one_line
    return "\n".join(wrapped(name, width, TITLE) for name in (first, second))


def attention_parts(row: pd.Series) -> list[str]:
    """Identifiers of a row's attention, and of its normaliser and regulariser where they are not the plain ones."""
    normaliser = [row["normaliser"]] if row["normaliser"] != "softmax" else []
    regulariser = [row["regulariser"]] if row["regulariser"] != "none" else []
    return [row["attention"], *normaliser, *regulariser]


def attention_key(row: pd.Series) -> str:
    """What has a colour of its own: the ids of `attention_parts`, joined by `+`."""
    return "+".join(attention_parts(row))


def inside_sentence(label: str) -> str:
    """A label as it stands within a sentence: an acronym keeps its capitals."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _none_first(column: pd.Series) -> pd.Series:
    return column if column.dtype.kind in "iuf" else column.fillna("").astype(str).where(column != "none", "")
