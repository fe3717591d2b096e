"""Evidence found by each method: mean average precision in ranking the tokens that are known to be evidence.

The plausibility measure of DeYoung et al. (2020); where the evidence was planted, it is the truth about the label.
"""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from attnexplain.figures import fitting
from attnexplain.figures.cells import (
    dataset_name,
    empty_figure,
    model_name,
    of_metric,
    panel_title,
    sort_cells,
    why_missing,
)
from attnexplain.figures.layout import NOTE, TICK, WIDTHS, legend_below, text_width
from attnexplain.figures.rows import interval_name
from attnexplain.figures.style import MUTED, NULL_COLOUR, Style, style_of, theme
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "evidence-by-method",
    "title": "Evidence found by each method",
    "citation": "DeYoung et al. (2020)",
    "caption": (
        "Mean average precision (AUPRC) in ranking a text's tokens by the magnitude of their score, against the "
        "tokens that are evidence. Dots are means over texts and seeds, lines their intervals; the grey bar is where "
        "the mean would lie if the ranking were random. Models that were trained on the true labels. A line that "
        "leaves its panel goes beyond the values that the measure can have: there are too few seeds to tell."
    ),
    "reads": ["statistics"],
    "columns": 1,
    "options": {},
}
COLUMNS = (
    *CELL,
    "method",
    "metric",
    "mean",
    "std",
    "ci_low",
    "ci_high",
    "ci_kind",
    "n_examples",
    "n_undefined",
    "n_seeds",
    "null_low",
    "null_high",
    "missing_reason",
)
_ROW = 0.17  # inches of one method
_EDGES = 0.22  # inches left and right of the methods' names and of a panel
_WHY = 20  # letters of a reason within a panel
_RANGE = (-0.03, 1.03)


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Panels: one per data set and model; in each a line per method. Returns the figure and its rows."""
    table = of_metric(tables["statistics"], "evidence-auprc")
    table = table[(table["class"] == "all") & (table["control"] == "none") & ~_without_evidence(table)]
    shown = sort_cells(table[list(COLUMNS)])
    with theme():
        if shown.empty:
            message = "No data set of this study has evidence, or evidence-auprc is not among its metrics."
            return empty_figure(message), shown
        return _figure(shown, settings), shown


def _without_evidence(table: pd.DataFrame) -> pd.Series:
    """Rows of data sets that nobody annotated: a panel of theirs would hold nothing but that."""
    return table["missing_reason"].fillna("").str.contains("data has no evidence", regex=False)


def _figure(cells: pd.DataFrame, settings: dict[str, Any]) -> Figure:
    style = style_of(settings)
    methods = list(dict.fromkeys(cells["method"]))
    names = [style.label(method) for method in methods]
    models = fitting.models(
        cells,
        CELL,
        lambda some: _height(_titles([_place(row, style) for _, row in some.iterrows()], names), len(names)),
    )
    cells = models.of(cells)
    colours = style.colour_of_each(methods)
    figure, axes = _panels(list(dict.fromkeys(_place(row, style) for _, row in cells.iterrows())), names)
    for _, row in cells.iterrows():
        _draw_method(axes[_place(row, style)], row, methods.index(row["method"]), colours[row["method"]])
    handles = [
        Line2D([], [], color=MUTED, marker="o", markersize=5, linestyle="none", label="mean"),
        Line2D([], [], color=MUTED, linewidth=1.6, label=interval_name(cells, settings["confidence"])),
        Patch(color=NULL_COLOUR, label="random ranking"),
    ]
    legend_below(figure, handles)
    models.say(figure)
    return figure


def _place(row: pd.Series, style: Style) -> tuple[str, str]:
    return dataset_name(row, style), model_name(row, style)


def _panels(places: list[tuple[str, str]], names: list[str]) -> tuple[Figure, dict[tuple[str, str], Axes]]:
    """A figure with a panel per data set and model, one below the other, and its axes by (data set, model)."""
    titles = _titles(places, names)
    figure = Figure(figsize=(WIDTHS[1], _height(titles, len(names)) + 0.45), layout="constrained")
    axes = figure.subplots(len(places), 1, squeeze=False, sharex=True, sharey=True)[:, 0]
    axes[0].set(xlim=_RANGE, ylim=(len(names) - 0.5, -0.5))
    axes[0].set_yticks(range(len(names)), names)
    axes[-1].set_xlabel("evidence AUPRC")
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title)
        ax.grid(axis="y", visible=False)
    return figure, dict(zip(places, axes, strict=True))


def _titles(places: list[tuple[str, str]], names: list[str]) -> list[str]:
    """A title per panel, in lines that fit beside the methods' names."""
    room = WIDTHS[1] - _EDGES - max(text_width(name, TICK) for name in names)
    return [panel_title(*place, room) for place in places]


def _height(titles: list[str], n_methods: int) -> float:
    """Inches of panels with their titles."""
    lines = len(titles) + sum(title.count("\n") for title in titles)
    return len(titles) * (n_methods * _ROW + 0.12) + 0.15 * lines


def _draw_method(ax: Axes, row: pd.Series, y: int, colour: str) -> None:
    if pd.isna(row["mean"]):
        ax.text(0.0, y, why_missing(row, _WHY), color=MUTED, fontsize=NOTE, va="center", clip_on=True, in_layout=False)
        return
    if pd.notna(row["null_low"]):
        width = row["null_high"] - row["null_low"]
        ax.barh(y, width, 0.7, row["null_low"], color=NULL_COLOUR, edgecolor=NULL_COLOUR, linewidth=1.5, zorder=1)
    if pd.notna(row["ci_low"]):
        ax.plot([row["ci_low"], row["ci_high"]], [y, y], color=colour, linewidth=1.6, zorder=3)
    ax.plot(row["mean"], y, color=colour, marker="o", markersize=5, zorder=4)
