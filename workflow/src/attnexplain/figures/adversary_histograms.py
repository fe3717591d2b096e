"""How far the published search stays below the farthest attention there is (Jain & Wallace 2019, figure 8).

As published: 40 bins on [0, 0.7], each class weighted to 1. Added: the exact answer at the same margin behind it.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from attnexplain.figures import fitting
from attnexplain.figures.adversaries import (
    EXACT,
    FOUND,
    LN2,
    MAXIMUM,
    SEARCH,
    SEARCHED,
    adversaries,
    experiment_names,
    margins,
    within,
)
from attnexplain.figures.cells import empty_figure, sort_cells
from attnexplain.figures.classes import by_class, classes_of_cells
from attnexplain.figures.layout import WIDTHS, legend_below
from attnexplain.figures.panels import finish_columns, panel_rows, row_name
from attnexplain.figures.style import CYCLE, MUTED, Style, style_of, theme
from attnexplain.identifiers import base_name
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "adversary-histograms",
    "title": "How far the search for another attention stays below what there is",
    "citation": "Jain & Wallace (2019), figure 8",
    "caption": (
        "Jensen-Shannon divergence between the learned attention of a text and the farthest attention with (nearly) "
        "the same prediction, for single test texts of all seeds by predicted class; each class sums to 1 (40 bins on "
        "[0, 0.7]). Line: what the published search finds. Filled: what there is at the same margin; where the maximum "
        "is not known, the farthest attention found stands for it (pale). Triangles are means: of the search above, of "
        "what there is below. n counts texts × seeds. Untrained models stand beside the trained ones, to see whether "
        "the test tells them apart."
    ),
    "reads": ["statistics", "experiments"],
    "columns": 2,
    "experiments": {
        "columns": {
            "adversary": ["jsd_max", "is_exact"],
            "adversary-exact": ["jsd_max", "jsd_found", "is_exact"],
        },
        "controls": ["none", "untrained"],
    },
    "options": {},
}
EDGES = np.linspace(0, 0.7, 41)
KEYS = [*CELL, "experiment", "class"]
COLUMNS = [*KEYS, *("class_name", "kind", "bin_low", "bin_high", "fraction", "mean", "n", "n_undefined")]
_PANEL = 0.95  # inches
_SEARCH, _EXACT = CYCLE[1], CYCLE[0]
_ONE_LINE = 3  # panels beside each other whose titles stand on one line
_PALE = 0.25  # opacity of what is only known to be there


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Panels: a row per data set, model and margin, a column per class. Returns the figure and its bars."""
    plotted = sort_cells(histograms(adversaries(tables["experiments"])))
    with theme():
        if plotted.empty:
            return empty_figure("No adversarial attention in this study."), plotted
        return _figure(plotted, margins(tables["statistics"]), style_of(settings)), plotted


def histograms(texts: pd.DataFrame) -> pd.DataFrame:
    """One row per cell, experiment, class, kind of value and bin (`COLUMNS`).

    The fractions of a class and experiment sum to 1 over its kinds; `mean` and the counts are over all of them.
    """
    found = []
    for keys, panel in texts.groupby([*CELL, "experiment"], sort=True) if len(texts) else ():
        about = dict(zip(KEYS, map(str, keys), strict=False))
        for number, name, rows in by_class(panel):
            defined = rows.dropna(subset=["value"]).sort_values("value")
            shared: dict[str, Any] = {
                **about,
                "class": number,
                "class_name": name,
                "mean": defined["value"].mean(),
                "n": len(defined),
            }
            shared |= {"n_undefined": len(rows) - len(defined)}
            found += [
                _bars(of_kind["value"].to_numpy(float), len(defined)).assign(**shared, kind=kind)[COLUMNS]
                for kind, of_kind in defined.groupby("kind", sort=True)
            ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)


def _bars(values: np.ndarray, n: int) -> pd.DataFrame:
    counts, _ = np.histogram(values, EDGES)
    return pd.DataFrame({"bin_low": EDGES[:-1], "bin_high": EDGES[1:], "fraction": counts / n})


def pairs(experiments: list[str], known: dict[str, float]) -> Iterator[tuple[str | None, str | None]]:
    """(search, exact answer) at the same margin: every search with every answer; alone where there is no other."""
    for epsilon in sorted({known.get(one, -1.0) for one in experiments}, reverse=True):
        same = [one for one in sorted(experiments) if known.get(one, -1.0) == epsilon]
        searches: list[str | None] = [one for one in same if base_name(one) == SEARCH]
        answers: list[str | None] = [one for one in same if base_name(one) == EXACT]
        yield from product(searches or [None], answers or [None])


def _figure(plotted: pd.DataFrame, known: dict[str, float], style: Style) -> Figure:
    both = list(pairs(sorted(set(plotted["experiment"])), known))
    classes = classes_of_cells(plotted)
    models = fitting.models(plotted, CELL, lambda some: len(some) * len(both) * _PANEL)
    plotted = models.of(plotted)
    panels = dict(list(plotted.groupby([*CELL, "experiment"], sort=False)))
    rows = [
        (row, pair, pd.concat(shown))
        for (_, row), pair in product(panel_rows(plotted).iterrows(), both)
        if (shown := [panels[key] for one in pair if (key := (*row, one)) in panels])
    ]
    n_columns = max(len(classes[tuple(row)]) for row, *_ in rows)
    size = (WIDTHS[2], len(rows) * _PANEL + 0.6)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(rows), n_columns, squeeze=False, sharex=True, sharey="row")
    names = experiment_names(plotted["experiment"], known, style)
    several = len(both) > 1
    drawn = set()
    for i, (row, pair, bars) in enumerate(rows):
        drawn |= {(i, j) for j in _draw_row(axes[i], bars, classes[tuple(row)])}
        label = [row_name(row, style)] + ([_pair_name(pair, names, known)] if several else [])
        axes[i, 0].set_ylabel("\n".join(label), rotation=0, ha="right", va="center")
    axes[0, 0].set_xlim(0, 0.7)
    axes[0, 0].xaxis.set_major_locator(MaxNLocator(4))
    finish_columns(axes, drawn, [row["dataset"] for row, *_ in rows], "JSD")
    figure.supylabel("fraction of the class's texts", fontsize=8)
    handles = _legend(plotted, both, known)
    legend_below(figure, handles, most=3)
    models.say(figure)
    return figure


def _draw_row(axes: np.ndarray, bars: pd.DataFrame, classes: list[str]) -> list[int]:
    """Draw a panel per class that is predicted, in its own column; returns the columns."""
    shown = [j for j, number in enumerate(classes) if (bars["class"] == number).any()]
    for j in shown:
        ax, panel = axes[j], bars[bars["class"] == classes[j]]
        first = panel.iloc[0]
        undefined = f", {first['n_undefined']:,} undefined" if first["n_undefined"] else ""
        space = "\n" if len(axes) > _ONE_LINE else " "
        ax.set_title(f"{first['class_name']}{space}(n = {first['n']:,}{undefined})", fontsize=7.5, pad=3)
        ax.axvline(LN2, color=MUTED, linewidth=0.9, linestyle=(0, (1, 1.5)), zorder=1)
        ax.yaxis.set_major_locator(MaxNLocator(2, steps=[1, 2, 5, 10]))
        _draw_bars(ax, panel)
    return shown


def _draw_bars(ax: Axes, panel: pd.DataFrame) -> None:
    base = np.zeros(len(EDGES) - 1)
    for kind, alpha in ((MAXIMUM, 0.55), (FOUND, _PALE)):
        height = panel.loc[panel["kind"] == kind, "fraction"].to_numpy(float)
        if len(height):
            ax.stairs(base + height, EDGES, baseline=base, fill=True, color=_EXACT, alpha=alpha, linewidth=0, zorder=2)
            base = base + height
    search = panel[panel["kind"] == SEARCHED]
    if len(search):
        ax.stairs(search["fraction"], EDGES, color=_SEARCH, linewidth=1.2, zorder=3)
        ax.plot(search["mean"].iloc[0], 0.96, marker="v", color=_SEARCH, **_mean(ax))
    answer = panel[panel["kind"] != SEARCHED]
    if len(answer):
        ax.plot(answer["mean"].iloc[0], 0.04, marker="^", color=_EXACT, **_mean(ax))


def _mean(ax: Axes) -> dict[str, Any]:
    look = {"markersize": 5.5, "markeredgecolor": "white", "markeredgewidth": 0.6, "linestyle": "none"}
    return {**look, "transform": ax.get_xaxis_transform(), "clip_on": False, "zorder": 4}


def _pair_name(pair: tuple[str | None, str | None], names: dict[str, str], known: dict[str, float]) -> str:
    """The margin that the two have in common; the names of both where there is more than one such pair."""
    epsilon = {known.get(one) for one in pair if one}
    alone = [one for one in names if known.get(one) in epsilon and base_name(one) in map(base_name, filter(None, pair))]
    if len(alone) == len([one for one in pair if one]) and epsilon != {None}:
        return within(epsilon.pop()).removeprefix(", ")
    return "\n".join(names[one] for one in pair if one)


def _legend(plotted: pd.DataFrame, both: list[tuple[str | None, str | None]], known: dict[str, float]) -> list[Any]:
    kinds = set(plotted["kind"])
    margin = {known.get(one) for pair in both for one in pair if one}
    common = within(next(iter(margin))) if len(margin) == 1 else ""
    handles: list[Any] = []
    if SEARCHED in kinds:
        handles.append(Line2D([], [], color=_SEARCH, linewidth=1.2, label=f"found by the search{common}"))
    if MAXIMUM in kinds:
        handles.append(Patch(color=_EXACT, alpha=0.55, linewidth=0, label=f"the maximum{common}"))
    if FOUND in kinds:
        handles.append(Patch(color=_EXACT, alpha=_PALE, linewidth=0, label="found; the maximum may be larger"))
    handles.append(Line2D([], [], color=MUTED, linewidth=0.9, linestyle=(0, (1, 1.5)), label="ln 2"))
    mean: dict[str, Any] = {"color": MUTED, "linestyle": "none", "marker": "^", "markersize": 4.5}
    return [*handles, Line2D([], [], label="means", **mean)]
