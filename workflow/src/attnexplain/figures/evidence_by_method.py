"""Evidence found by each method: mean average precision in ranking the tokens that are known to be evidence.

The plausibility measure of DeYoung et al. (2020); where the evidence was planted, it is the truth about the label.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from attnexplain.figures.cells import (
    dataset_name,
    empty_figure,
    model_name,
    of_metric,
    panel_title,
    sort_cells,
    why_missing,
)
from attnexplain.figures.rows import interval_name
from attnexplain.figures.style import MUTED, NULL_COLOUR, WIDTH, Style, style_of, theme
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
_ROW = 0.23  # inches of one method
_COLUMNS = 3
_NAMES = 1.2  # inches that the methods' names take
_RANGE = (-0.03, 1.03)


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Panels: a row per data set, a column per model; in each a line per method. Returns the figure and its rows."""
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
    datasets = list(dict.fromkeys(dataset_name(row, style) for _, row in cells.iterrows()))
    models = list(dict.fromkeys(model_name(row, style) for _, row in cells.iterrows()))
    methods = list(dict.fromkeys(cells["method"]))
    colours = style.colour_of_each(methods)
    figure, axes = _panels(datasets, models, methods, style)
    for _, row in cells.iterrows():
        place = axes[datasets.index(dataset_name(row, style))][models.index(model_name(row, style))]
        _draw_method(place, row, methods.index(row["method"]), colours[row["method"]])
    handles = [
        Line2D([], [], color=MUTED, marker="o", markersize=5, linestyle="none", label="mean"),
        Line2D([], [], color=MUTED, linewidth=1.6, label=interval_name(cells, settings["confidence"])),
        Patch(color=NULL_COLOUR, label="random ranking"),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def _panels(
    datasets: list[str], models: list[str], methods: list[str], style: Style
) -> tuple[Figure, list[list[Axes]]]:
    """A figure with a panel per data set and model: of each data set, rows of at most `_COLUMNS` models."""
    n_columns = min(_COLUMNS, len(models))
    per_dataset = -(-len(models) // n_columns)
    n_rows = len(datasets) * per_dataset
    figure = Figure(figsize=(WIDTH, n_rows * (len(methods) * _ROW + 0.36) + 0.8), layout="constrained")
    grid = figure.subplots(n_rows, n_columns, squeeze=False, sharex=True, sharey=True)
    grid[0, 0].set(xlim=_RANGE, ylim=(len(methods) - 0.5, -0.5))
    grid[0, 0].set_yticks(range(len(methods)), [style.label(method) for method in methods])
    of_datasets = [list(rows.flat) for rows in np.split(grid, len(datasets))]
    for dataset, axes in zip(datasets, of_datasets, strict=True):
        for ax, model in zip(axes, models, strict=False):
            ax.set_title(panel_title(dataset, model, n_columns, WIDTH - _NAMES))
            ax.grid(axis="y", visible=False)
        for ax in axes[len(models) :]:
            ax.remove()
        for ax in axes[max(0, len(models) - n_columns) : len(models)]:
            ax.tick_params(labelbottom=True)
    for ax in of_datasets[-1][max(0, len(models) - n_columns) : len(models)]:
        ax.set_xlabel("evidence AUPRC")
    return figure, of_datasets


def _draw_method(ax: Axes, row: pd.Series, y: int, colour: str) -> None:
    if pd.isna(row["mean"]):
        ax.text(0.0, y, why_missing(row), color=MUTED, fontsize=7, va="center", clip_on=True, in_layout=False)
        return
    if pd.notna(row["null_low"]):
        width = row["null_high"] - row["null_low"]
        ax.barh(y, width, 0.7, row["null_low"], color=NULL_COLOUR, edgecolor=NULL_COLOUR, linewidth=1.5, zorder=1)
    if pd.notna(row["ci_low"]):
        ax.plot([row["ci_low"], row["ci_high"]], [y, y], color=colour, linewidth=1.6, zorder=3)
    ax.plot(row["mean"], y, color=colour, marker="o", markersize=5, zorder=4)
