"""Paired differences between models and between methods: how large they are, and what they allow to say."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from attnexplain.figures.agreement import metric_name
from attnexplain.figures.cells import MODEL, dataset_name, empty_figure, inside_sentence, pair_name
from attnexplain.figures.layout import NOTE, TITLE, WIDTHS, legend_below, wrapped
from attnexplain.figures.rows import interval_name
from attnexplain.figures.style import CYCLE, INK, MUTED, NULL_COLOUR, Style, style_of, theme
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "comparisons",
    "title": "What differs, and what is equivalent",
    "citation": "Schuirmann (1987)",
    "caption": (
        "Differences between two models, or two methods, on the same texts and seeds (class all, metrics of the "
        "study's family), one panel per metric: the first named less the second, with its interval. Grey: the margin "
        "within which the study calls two equivalent, where it declares one. Of more than 20 are shown those that the "
        "study's adjusted tests tell different or equivalent, then those with the largest effect (difference in "
        "standard deviations); in each panel from the largest difference to the smallest. A line that leaves its "
        "panel goes on."
    ),
    "reads": ["comparisons"],
    "columns": 1,
    "options": {},
}
COLUMNS = (
    *(*CELL, "method", "method_b", "class", "metric", "axis", "value", "other"),
    *("mean", "other_mean", "difference", "ci_low", "ci_high", "ci_kind", "n_examples", "n_seeds", "n_undefined"),
    *("p_adjusted", "effect", "margin", "p_equivalence_adjusted", "verdict"),
)
MOST = 20  # rows: about a page
_EDGES = 0.4  # inches left and right of the names
_LINE, _BAND = 0.118, 0.115  # inches of a line of a name, and of an interval
_REACH = 1.6  # of the farthest difference or margin: where a panel ends
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}  # no line of the grid crosses a name
_LOOKS: dict[str, dict[str, Any]] = {
    "different": {"color": CYCLE[1], "marker": "o"},
    "equivalent": {"color": CYCLE[2], "marker": "s"},
    "cannot be told": {"color": MUTED, "marker": "o", "markerfacecolor": "white"},
}


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """A panel per metric, a row per comparison. Returns the figure and the rows it shows."""
    table = tables["comparisons"]
    known = family(table[(table["class"] == "all") & table["verdict"].notna()])
    shown = choose(known)[list(COLUMNS)]
    with theme():
        if shown.empty:
            return empty_figure(f"No comparison of this study has an interval. {_why(table)}".strip()), shown
        return _figure(shown, len(known), settings), shown


def family(known: pd.DataFrame) -> pd.DataFrame:
    """The comparisons whose tests were adjusted together; all with an interval where nothing was tested."""
    members = known["p_adjusted"].notna() | known["p_equivalence_adjusted"].notna()
    return known[members] if members.any() else known


def choose(known: pd.DataFrame) -> pd.DataFrame:
    """Of the comparisons first those that are told different or equivalent, then those with the largest effects; by
    metric and then by difference. Differences that do not vary have no effect: they come last where they are 0.
    """
    keys = [*CELL, "axis", "value", "other", "method", "method_b"]
    size = known["effect"].abs().fillna(known["difference"].map(lambda gap: math.inf if gap else -1.0))
    told = known.assign(size=size, told=known["verdict"].isin(("different", "equivalent")))
    order = [False, False, *[True] * (1 + len(keys))]
    most = told.sort_values(["told", "size", "metric", *keys], ascending=order).head(MOST)
    by_difference = most.sort_values(["difference", *keys], ascending=[False, *[True] * len(keys)], kind="stable")
    return by_difference.sort_values("metric", kind="stable").drop(columns=["size", "told"]).reset_index(drop=True)


def _why(table: pd.DataFrame) -> str:
    return "; ".join(sorted(set(table["missing_reason"].dropna())))


def _figure(shown: pd.DataFrame, n_known: int, settings: dict[str, Any]) -> Figure:
    style = style_of(settings)
    several = shown[["dataset", "limits"]].drop_duplicates().shape[0] > 1
    of_one = dataset_name(shown.iloc[0], style)
    panels = {metric: [(row, _name(row, several, style)) for _, row in rows.iterrows()] for metric, rows in _by(shown)}
    heights = [sum(_height(name) for _, name in rows) for rows in panels.values()]
    size = (WIDTHS[1], sum(heights) + 0.5 * len(panels) + 0.2)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
    for ax, (metric, rows) in zip(axes, panels.items(), strict=True):
        _draw_panel(ax, rows)
        name = metric_name(metric, None, None, style)
        ax.set_title(wrapped(name if several else f"{of_one}: {name}", WIDTHS[1] - _EDGES, TITLE))
    axes[-1].set_xlabel("difference")
    legend = _legend(shown, settings["confidence"])
    if n_known > len(shown):
        legend.append(Line2D([], [], linestyle="none", label=f"{len(shown)} of {n_known:,} comparisons"))
    legend_below(figure, legend, most=2)
    return figure


def _by(shown: pd.DataFrame) -> Any:
    return shown.groupby("metric", sort=False)


def _height(name: str) -> float:
    return _LINE * (name.count("\n") + 1) + _BAND + 0.02


def _name(row: pd.Series, several: bool, style: Style) -> str:
    """What is compared, then what both have in common."""
    first, second = _sides(row, style)
    where = [dataset_name(row, style)] if several else []
    where += [style.label(row[axis]) for axis in MODEL if axis != row["axis"] and _is_said(row, axis)]
    where += [style.label(row["control"])] if row["axis"] != "control" and row["control"] != "none" else []
    where += _methods(row, style)
    return wrapped(f"{first} − {second}" + (f": {', '.join(where)}" if where else ""), WIDTHS[1] - _EDGES, NOTE)


def _is_said(row: pd.Series, axis: str) -> bool:
    """Whether a part of the model is named: all but the plain ones are."""
    return (axis, row[axis]) not in (("normaliser", "softmax"), ("regulariser", "none"))


def _methods(row: pd.Series, style: Style) -> list[str]:
    """The pair of methods, or the method, that is measured on both sides; of compared pairs the one they share."""
    methods = [row[key] for key in ("method", "method_b") if pd.notna(row[key])]
    if row["axis"] == "method":
        return [f"with {inside_sentence(style.label(name))}" for name in methods if name != row["value"]]
    return [inside_sentence(pair_name(row, style))] if len(methods) > 1 else [style.label(name) for name in methods]


def _sides(row: pd.Series, style: Style) -> list[str]:
    if row["axis"] == "control":
        return ["trained" if side == "none" else style.label(side) for side in row[["value", "other"]]]
    return [style.label(side) for side in row[["value", "other"]]]


def _draw_panel(ax: Axes, rows: list[tuple[pd.Series, str]]) -> None:
    """Each row in a band of its own, its name above the band: so names have the whole width."""
    top = 0.0
    for row, name in rows:
        bottom = top + _height(name)
        band = (bottom - _BAND, bottom)
        ax.text(0.01, band[0], name, transform=ax.get_yaxis_transform(), va="bottom", fontsize=NOTE, bbox=_PAPER)
        if pd.notna(row["margin"]):
            ax.fill_betweenx(band, -row["margin"], row["margin"], color=NULL_COLOUR, linewidth=0)
        ax.vlines(0, *band, color=INK, linewidth=0.8, zorder=2)
        y, look = bottom - _BAND / 2, _LOOKS[row["verdict"]]
        ax.plot([row["ci_low"], row["ci_high"]], [y, y], color=look["color"], linewidth=1.6, zorder=3)
        ax.plot(row["difference"], y, markersize=4.5, linestyle="none", zorder=4, **look)
        top = bottom
    ax.set(ylim=(top + 0.04, 0), yticks=[], xlim=_limits(pd.DataFrame([row for row, _ in rows])))
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """Both ends of the intervals, but no farther than the others can still be seen beside those of few seeds."""
    farthest = float(np.nanmax(np.abs(table[["difference", "margin"]].to_numpy(float)))) or 1.0
    low, high = float(table["ci_low"].min()), float(table["ci_high"].max())
    reach = _REACH * farthest
    room = 0.05 * farthest
    return max(min(low, 0.0), -reach) - room, min(max(high, 0.0), reach) + room


def _legend(shown: pd.DataFrame, confidence: float) -> list[Any]:
    mark: dict[str, Any] = {"markersize": 4.5, "linewidth": 1.6}
    verdicts = [name for name in _LOOKS if (shown["verdict"] == name).any()]
    lines: list[Any] = [Line2D([], [], label=name, **mark, **_LOOKS[name]) for name in verdicts]
    lines.append(Line2D([], [], color=MUTED, linewidth=1.6, label=interval_name(shown, confidence)))
    if shown["margin"].notna().any():
        lines.append(Patch(color=NULL_COLOUR, label="margin of equivalence"))
    return lines
