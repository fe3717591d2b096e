"""Distributions of Kendall tau over single texts, by predicted class (Jain & Wallace 2019, section 4.1, figure 2).

As published: 30 bins on [-1, 1], each class weighted to 1. Added: the range in which permuted scores of the same texts
would lie, from each text's own null moments (a normal approximation, pooled over texts).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from attnexplain.figures import fitting
from attnexplain.figures.cells import (
    empty_figure,
    of_metric,
    of_pairs,
    pair_name,
    sort_cells,
    why_missing,
)
from attnexplain.figures.histograms import KEYS, histograms
from attnexplain.figures.layout import NOTE, WIDTHS, legend_below, wrapped
from attnexplain.figures.panels import finish_columns, headings_height, row_headings, set_headings
from attnexplain.figures.style import CYCLE, MUTED, NULL_COLOUR, Style, style_of, theme
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "tau-distributions",
    "title": "Agreement of attention with gradient and leave-one-out, text by text",
    "citation": "Jain & Wallace (2019), figure 2",
    "caption": (
        "Kendall τ between attention weights and the feature importance named above each column, for single test texts "
        "of all seeds, by predicted class; each class sums to 1 (30 bins). n counts texts × seeds with a defined τ. "
        "Vertical lines are the class means. Shaded: where single texts would lie if their scores were permuted. "
        "Trained models only."
    ),
    "reads": ["statistics", "measures"],
    "columns": 1,
    "measures": {
        "metric": "kendall-tau",
        "pairs": [["attention", "gradient"], ["attention", "leave-one-out"]],
        "controls": ["none"],
    },
    "options": {},
}
_PANEL = 0.8  # inches without the legend
_WIDTH = 1.33  # inches of one of two panels
_LEGEND_LINE = 0.125
_MARK = 0.2  # inches left of a name in a legend
ROW = [*CELL, "metric"]


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Panels: a row per data set and model, a column per pair. Returns the figure and one row per class and bin."""
    measures = of_pairs(of_metric(tables["measures"], "kendall-tau"))
    measures = measures[measures["control"] == "none"] if len(measures) else measures
    plotted = sort_cells(histograms(measures, tables["statistics"], settings["confidence"]))
    absent = _without_values(tables["statistics"])
    with theme():
        if plotted.empty:
            return empty_figure("No text with attention and gradient or leave-one-out scores in this study."), plotted
        return _figure(plotted, absent, style_of(settings), settings["confidence"]), plotted


def _without_values(statistics: pd.DataFrame) -> pd.DataFrame:
    """Rows of trained models whose tau is known to be missing: their panels say why."""
    rows = of_pairs(of_metric(statistics, "kendall-tau"))
    return rows[(rows["class"] == "all") & (rows["control"] == "none") & rows["mean"].isna()]


def _figure(plotted: pd.DataFrame, absent: pd.DataFrame, style: Style, confidence: float) -> Figure:
    plotted, absent = (table.assign(pair=_pairs(table, style)) for table in (plotted, absent))
    places = sort_cells(pd.concat([plotted[[*KEYS, "pair"]].drop_duplicates(), absent[[*KEYS, "pair"]]]))
    models = fitting.models(places, ROW, _height_of(plotted, places["pair"].nunique() * _WIDTH, style))
    plotted, absent, places = (models.of(table) for table in (plotted, absent, places))
    shown = models.rows
    rows = list(shown.itertuples(index=False, name=None))
    pairs = list(dict.fromkeys(places["pair"]))
    lines = max(_lines(plotted).values(), default=0.0)
    figure = Figure(figsize=(WIDTHS[1], len(rows) * (_PANEL + lines) + 0.45), layout="constrained")
    axes = figure.subplots(len(rows), len(pairs), squeeze=False, sharex=True, sharey=True)
    axes[0, 0].set_ylim(0, 1.12 * plotted["fraction"].max() * (1 + lines / _PANEL) or 1)
    axes[0, 0].yaxis.set_major_locator(MaxNLocator(3))
    for _, group in plotted.groupby(KEYS, sort=False):
        first = group.iloc[0]
        _draw_panel(axes[rows.index(tuple(first[ROW])), pairs.index(first["pair"])], group, style)
    for _, row in absent.iterrows():
        ax = axes[rows.index(tuple(row[ROW])), pairs.index(row["pair"])]
        if not ax.get_legend():  # all values undefined: the panel counts them already
            why = wrapped(why_missing(row), _WIDTH, NOTE)
            ax.text(0.03, 0.5, why, transform=ax.transAxes, va="center", color=MUTED, fontsize=NOTE).set_in_layout(
                False
            )
    set_headings(axes, row_headings(shown, style), pairs, _WIDTH)
    axes[0, 0].set(xlim=(-1, 1), xticks=(-0.5, 0, 0.5))
    figure.supylabel("fraction of the class's texts", fontsize=8)
    finish_columns(axes, set(np.ndindex(axes.shape)), list(shown["dataset"]), "Kendall τ of a text")
    label = f"{100 * confidence:g} % of single texts under permutation"
    legend_below(figure, [Patch(color=NULL_COLOUR, alpha=0.5, label=label)])
    models.say(figure)
    return figure


def _height_of(plotted: pd.DataFrame, width: float, style: Style) -> Callable[[pd.DataFrame], float]:
    """Inches that the panels of some rows take: all as high as the one that names most classes. `width`: of a row."""
    lines = _lines(plotted)

    def height(some: pd.DataFrame) -> float:
        most = max(lines.get(key, 0.0) for key in some.itertuples(index=False, name=None))
        return len(some) * (_PANEL + most) + headings_height(row_headings(some, style), width)

    return height


def _lines(plotted: pd.DataFrame) -> dict[tuple[str, ...], float]:
    """Inches of the classes' names in the panels of each row."""
    found: dict[tuple[str, ...], float] = {}
    for _, group in plotted.groupby(KEYS, sort=False):
        key = tuple(map(str, group.iloc[0][ROW]))
        found[key] = max(found.get(key, 0.0), _LEGEND_LINE * _names(group).str.count("\n").add(1).sum())
    return found


def _pairs(table: pd.DataFrame, style: Style) -> list[str]:
    return [pair_name(row, style) for _, row in table.iterrows()]


def _names(group: pd.DataFrame) -> pd.Series:
    """Names of a panel's classes with their n, in lines that fit the panel."""
    return group.groupby("class", sort=True).first().apply(_class_name, axis=1)


def _class_name(first: pd.Series) -> str:
    undefined = f", {first['n_undefined']:,} undefined" if first["n_undefined"] else ""
    return wrapped(f"{first['class_name']} (n = {first['n']:,}{undefined})", _WIDTH - _MARK, NOTE)


def _draw_panel(ax: Axes, group: pd.DataFrame, style: Style) -> None:
    low, high = group[["null_low", "null_high"]].iloc[0]
    if pd.notna(low):
        ax.axvspan(low, high, color=NULL_COLOUR, alpha=0.5, linewidth=0, zorder=0.5)
    top = group["fraction"].max()
    ax.vlines(0, 0, top, color=MUTED, linewidth=0.6, zorder=1)
    for position, (_, bars) in enumerate(group.groupby("class", sort=True)):
        first = bars.iloc[0]
        colour = style.colours.get(first["class_name"], CYCLE[position])
        edges = np.append(bars["bin_low"].to_numpy(), 1.0)
        ax.stairs(bars["fraction"], edges, color=colour, fill=True, alpha=0.22, zorder=2)
        ax.stairs(bars["fraction"], edges, color=colour, linewidth=1.1, label=_class_name(first), zorder=3)
        ax.vlines(first["mean"], 0, top, color=colour, linewidth=1.1, linestyle=(0, (3, 1.5)), zorder=3)
    look: dict[str, Any] = {"handlelength": 0.9, "handletextpad": 0.4, "borderpad": 0.2, "borderaxespad": 0.2}
    ax.legend(loc="upper left", fontsize=NOTE, labelspacing=0.25, **look)
