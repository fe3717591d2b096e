"""Distributions of Kendall tau over single texts, by predicted class (Jain & Wallace 2019, section 4.1, figure 2).

As published: 30 bins on [-1, 1], each class weighted to 1. Added: the range in which permuted scores of the same texts
would lie, from each text's own null moments (a normal approximation, pooled over texts).
"""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from attnexplain.figures.cells import (
    empty_figure,
    of_metric,
    of_pairs,
    pair_names,
    sort_cells,
    why_missing,
)
from attnexplain.figures.histograms import KEYS, histograms
from attnexplain.figures.panels import finish_columns, row_name
from attnexplain.figures.style import CYCLE, MUTED, NULL_COLOUR, WIDTH, Style, style_of, theme

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
    "measures": {
        "metric": "kendall-tau",
        "pairs": [["attention", "gradient"], ["attention", "leave-one-out"]],
        "controls": ["none"],
    },
    "options": {},
}
_PANEL = 0.8  # inches without the legend
_LEGEND_LINE = 0.13


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
    plotted = plotted.assign(pair=pair_names(plotted, style))
    absent = absent.assign(pair=pair_names(absent, style))
    places = sort_cells(pd.concat([plotted[[*KEYS, "pair"]].drop_duplicates(), absent[[*KEYS, "pair"]]]))
    datasets = {row_name(row, style): row["dataset"] for _, row in places.iterrows()}
    names = list(datasets)
    pairs = list(dict.fromkeys(places["pair"]))
    lines = int(plotted.groupby(KEYS)["class"].nunique().max()) * _LEGEND_LINE
    size = (WIDTH, len(names) * (_PANEL + lines) + 1.0)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(names), len(pairs), squeeze=False, sharex=True, sharey=True)
    axes[0, 0].set_ylim(0, 1.12 * plotted["fraction"].max() * (1 + lines / _PANEL) or 1)
    axes[0, 0].yaxis.set_major_locator(MaxNLocator(3))
    for _, group in plotted.groupby(KEYS, sort=False):
        first = group.iloc[0]
        i = names.index(row_name(first, style))
        _draw_panel(axes[i, pairs.index(first["pair"])], group, style)
    for _, row in absent.iterrows():
        ax = axes[names.index(row_name(row, style)), pairs.index(row["pair"])]
        if not ax.get_legend():  # all values undefined: the panel counts them already
            why = textwrap.fill(why_missing(row), 34)
            ax.text(0.03, 0.5, why, transform=ax.transAxes, va="center", color=MUTED, fontsize=7).set_in_layout(False)
    _name_panels(axes, names, pairs)
    finish_columns(axes, set(np.ndindex(axes.shape)), list(datasets.values()), "Kendall τ of a text")
    shade = axes[0, 0].fill_between([], [], color=NULL_COLOUR, alpha=0.5)
    text = f"{100 * confidence:g} % of single texts under permutation"
    figure.legend([shade], [text], loc="outside lower center")
    return figure


def _draw_panel(ax: Axes, group: pd.DataFrame, style: Style) -> None:
    low, high = group[["null_low", "null_high"]].iloc[0]
    if pd.notna(low):
        ax.axvspan(low, high, color=NULL_COLOUR, alpha=0.5, linewidth=0, zorder=0.5)
    top = group["fraction"].max()
    ax.vlines(0, 0, top, color=MUTED, linewidth=0.6, zorder=1)
    for position, (_, bars) in enumerate(group.groupby("class", sort=True)):
        first = bars.iloc[0]
        colour = style.colours.get(first["class_name"], CYCLE[position])
        undefined = f", {first['n_undefined']:,} undefined" if first["n_undefined"] else ""
        name = f"{first['class_name']} (n = {first['n']:,}{undefined})"
        edges = np.append(bars["bin_low"].to_numpy(), 1.0)
        ax.stairs(bars["fraction"], edges, color=colour, fill=True, alpha=0.22, zorder=2)
        ax.stairs(bars["fraction"], edges, color=colour, linewidth=1.1, label=name, zorder=3)
        ax.vlines(first["mean"], 0, top, color=colour, linewidth=1.1, linestyle=(0, (3, 1.5)), zorder=3)
    ax.legend(loc="upper left", fontsize=7, handlelength=1.0, borderaxespad=0.2, labelspacing=0.25)


def _name_panels(axes: np.ndarray, names: list[str], pairs: list[str]) -> None:
    for ax, pair in zip(axes[0], pairs, strict=True):
        ax.set_title(pair)
    for ax, name in zip(axes[:, 0], names, strict=True):
        ax.set_ylabel(name, rotation=0, ha="right", va="center")
    axes[0, 0].set_xlim(-1, 1)
    axes[0, 0].figure.supylabel("fraction of the class's texts", fontsize=8)
