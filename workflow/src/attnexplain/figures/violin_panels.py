"""Panels of violins: a row per data set and model, a column per experiment; in each, bins from bottom to top."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from attnexplain.figures import fitting
from attnexplain.figures.classes import classes_of_cells
from attnexplain.figures.layout import WIDTHS, legend_below
from attnexplain.figures.panels import finish_columns, row_name
from attnexplain.figures.rows import interval_name
from attnexplain.figures.style import CYCLE, INK, MUTED, Style
from attnexplain.figures.violins import BINS, COUNTS, KEYS
from attnexplain.tables.statistics import CELL

_LANE = 0.145  # inches of one violin
_LINE, _TITLE = 0.15, 0.22  # inches of a line of the classes' names, and of a row beside that and its violins
_LEGEND_COLUMNS = 3
_BAND = 0.92  # of a bin's height
_FILL, _BOUNDS = 0.35, (0, (2, 1.2))


def figure_of(
    plotted: pd.DataFrame,
    style: Style,
    names: Mapping[str, str],
    confidence: float,
    axis: Mapping[str, Any],
    more: Sequence[Line2D] = (),
) -> tuple[Figure, np.ndarray]:
    """The figure of a table of `violins` that is not empty, and its axes.

    `names`: title of each experiment's column, in their order; `axis`: properties of the horizontal axes; `more`:
    further entries of the legend.
    """
    classes = classes_of_cells(plotted)
    bins = _bins_of(plotted)
    models = fitting.models(plotted, CELL, lambda some: sum(_heights(some, classes, bins)))
    plotted, rows = models.of(plotted), models.rows
    cells = list(rows.itertuples(index=False, name=None))
    lines = [_lines(classes[cell]) for cell in cells]
    heights = _heights(rows, classes, bins)
    size = (WIDTHS[2], sum(heights) + 0.5)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(rows), len(names), squeeze=False, sharex=True, sharey="row", height_ratios=heights)
    drawn: set[tuple[int, int]] = set()
    for _, panel in plotted.groupby(KEYS, sort=False):
        cell = tuple(panel.iloc[0][list(rows.columns)])
        i, j = cells.index(cell), list(names).index(panel["experiment"].iloc[0])
        _draw_panel(axes[i, j], panel, classes[cell], style)
        if i not in {row for row, _ in drawn}:
            _name_classes(axes[i, j], panel, classes[cell], style)
        drawn.add((i, j))
    for ax, n, (_, row) in zip(axes[:, 0], lines, rows.iterrows(), strict=True):
        _set_bins(ax, bins[row["dataset"]])
        ax.set_ylabel(row_name(row, style), rotation=0, ha="right", va="center")
        ax.set_title(" " + "\n" * (n - 1))  # room for the classes' names
    for ax, name in zip(axes[0], names.values(), strict=True):
        ax.set_title(name + "\n" * lines[0])
    _finish(axes, axis)
    finish_columns(axes, drawn, list(rows["dataset"]), axis["xlabel"])
    handles = _legend(plotted, confidence, more)
    legend_below(figure, handles, most=3)
    models.say(figure)
    return figure, axes


def _heights(
    rows: pd.DataFrame, classes: Mapping[tuple[str, ...], Sequence[str]], bins: Mapping[str, int]
) -> list[float]:
    """Inches of each row of panels."""
    return [
        bins[cell[0]] * _LANE * max(2, len(classes[cell])) + _LINE * _lines(classes[cell]) + _TITLE
        for cell in rows.itertuples(index=False, name=None)
    ]


def _lines(classes: Sequence[str]) -> int:
    """Lines of the classes' names above a row."""
    return -(-len(classes) // _LEGEND_COLUMNS)


def _bins_of(plotted: pd.DataFrame) -> dict[str, int]:
    """How many bins the panels of each data set show: up to the highest that a text of any model is in."""
    return {str(name): max(map(BINS.index, rows["bin"])) + 1 for name, rows in plotted.groupby("dataset")}


def _set_bins(ax: Axes, n: int) -> None:
    ax.set_ylim(-0.5, n - 0.5)
    ax.set_yticks(range(n), [name.replace("-", " – ") for name in BINS[:n]])


def _draw_panel(ax: Axes, panel: pd.DataFrame, classes: Sequence[str], style: Style) -> None:
    counts = []
    for (bin_, number), lane in panel.groupby(["bin", "class"], sort=False):
        k = classes.index(number)
        colour = _colour(lane["class_name"].iloc[0], k, style)
        centre, below, above = _place(BINS.index(str(bin_)), k, len(classes))
        _draw_lane(ax, lane, colour, centre, below, above)
        n, n_bounds = lane[COUNTS].iloc[0][["n", "n_bounds"]]
        counts.append((centre + (above - below) / 2, f"{n:,}" + (f" ({n_bounds:,})" if n_bounds else ""), colour))
    look: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "fontsize": 7}
    for place, (height, count, colour) in enumerate(sorted(counts, reverse=True)):
        ax.text(1.012, height, count if place else f"n = {count}", color=colour, **look)


def _name_classes(ax: Axes, panel: pd.DataFrame, classes: Sequence[str], style: Style) -> None:
    """The classes' colours above the row's first panel; the names may reach over the next one."""
    names = panel.drop_duplicates("class").set_index("class")["class_name"]
    handles = [
        Patch(facecolor=_colour(names[number], k, style), alpha=2 * _FILL, label=names[number])
        for k, number in enumerate(classes)
        if number in names
    ]
    look: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "borderaxespad": 0.15, "fontsize": 7}
    legend = ax.legend(handles=handles, ncols=_LEGEND_COLUMNS, handlelength=0.9, columnspacing=1.4, **look)
    legend.set_in_layout(False)


def _colour(name: str, position: int, style: Style) -> str:
    return style.colours.get(name, CYCLE[position % len(CYCLE)])


def _place(bin_: int, k: int, n_classes: int) -> tuple[float, float, float]:
    """(base line, reach below it, reach above it) of class `k` in a bin: two classes share a line, back to back."""
    if n_classes == 2:
        reach = 0.94 * _BAND / 2
        return float(bin_), reach * (k == 1), reach * (k == 0)
    height = _BAND / n_classes
    reach = 0.9 * height / 2
    return bin_ + _BAND / 2 - (k + 0.5) * height, reach, reach


def _draw_lane(ax: Axes, lane: pd.DataFrame, colour: str, centre: float, below: float, above: float) -> None:
    first = lane.iloc[0]
    middle = centre + (above - below) * 0.16  # of marks: within the own half
    if pd.isna(first["density"]):
        ax.plot(lane["x"], np.full(len(lane), middle), "o", color=colour, markersize=3, clip_on=False, zorder=4)
    else:
        x, width = lane["x"].to_numpy(float), lane["density"].to_numpy(float) / lane["density"].max()
        low, high = centre - below * width, centre + above * width
        ax.fill_between(x, low, high, color=colour, alpha=_FILL, linewidth=0, zorder=2)
        dashes = _BOUNDS if first["n_bounds"] else "solid"
        outline = np.r_[x, x[::-1], x[0]], np.r_[high, low[::-1], high[0]]
        ax.plot(*outline, color=colour, linewidth=0.8, linestyle=dashes, zorder=3)
        for name, look in _MARKS.items():
            reach = float(np.interp(first[name], x, width))
            ax.vlines(first[name], centre - below * reach, centre + above * reach, color=INK, zorder=4, **look)
    if pd.notna(first["ci_low"]):
        ax.hlines(middle, first["ci_low"], first["ci_high"], color=INK, linewidth=2.2, zorder=5)


def _finish(axes: np.ndarray, axis: Mapping[str, Any]) -> None:
    """Scales, and lines between the bins."""
    axes[0, 0].set(**{key: axis[key] for key in axis if key != "xlabel"})
    for ax in axes.flat:
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="y", length=0)
        for edge in range(1, len(BINS)):
            ax.axhline(edge - 0.5, color="#d9d9d9", linewidth=0.6, zorder=0.5)
    axes[0, 0].figure.supylabel("largest attention weight of the text", fontsize=8)


def _legend(plotted: pd.DataFrame, confidence: float, more: Sequence[Line2D]) -> list[Any]:
    handles: list[Any] = [Line2D([], [], color=INK, label=name, **look) for name, look in _LEGEND.items()]
    if plotted["ci_low"].notna().any():
        name = interval_name(plotted, confidence).replace("interval", "interval of the median")
        handles.append(Line2D([], [], color=INK, linewidth=2.2, label=name))
    if plotted["density"].isna().any():
        label = "fewer than 5 texts, or texts that do not differ"
        handles.append(Line2D([], [], color=MUTED, marker="o", markersize=3, linestyle="none", label=label))
    return [*handles, *more]


_MARKS: dict[str, dict[str, Any]] = {
    "median": {"linewidth": 1.2},
    "q25": {"linewidth": 0.7, "linestyle": (0, (2, 1.5))},
    "q75": {"linewidth": 0.7, "linestyle": (0, (2, 1.5))},
}
_LEGEND = {"median": _MARKS["median"], "quartiles": _MARKS["q25"]}
