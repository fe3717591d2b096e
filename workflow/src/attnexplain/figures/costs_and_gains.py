"""What each remedy costs in accuracy and buys in each notion of faithfulness: differences from the plain model.

Points are numbered, and keyed below: names would not fit. Numbers are set beside their points by a fixed search for
room, so that none covers another and the same table gives the same picture.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from attnexplain.figures import fitting
from attnexplain.figures.cells import dataset_name, empty_figure
from attnexplain.figures.layout import NOTE, TITLE, WIDTHS, legend_below, text_width, wrapped
from attnexplain.figures.remedies import FAMILIES, ONE_THING_FIRST, family, plainest, remedy_name, sorted_remedies
from attnexplain.figures.rows import interval_name
from attnexplain.figures.style import CYCLE, INK, MUTED, Style, style_of, theme
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY
from attnexplain.statistics.notions import ACCURACY, BY_NAME, HIGHER
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "costs-and-gains",
    "title": "What each remedy costs in accuracy and buys in faithfulness",
    "citation": "this project",
    "caption": (
        "Differences of a model from the same model without its remedy, paired by text and seed, with their intervals: "
        "of accuracy to the right, of a notion of faithfulness upwards, which is always the faithful way. Filled "
        "points, bold numbers: the interval of the notion leaves out 0. So a filled point above the line buys that "
        "notion, and does so at no cost that was found where its own interval crosses the upright line. Data sets whose"
        " models have a single seed are left out where others have several. A line that leaves its panel goes on."
    ),
    "reads": ["gains"],
    "columns": 2,
    "options": {},
}
# One or two of each kind; the table has all of them.
SHOWN = (
    "tau-gradient",
    "tau-leave-one-out",
    "erasure",
    "token-removal",
    "permutation",
    "adversary",
    "curve",
    "evidence",
    "probe",
)
COLUMNS = (
    *(*CELL, "axis", "value", "plain", "notion", "metric", "method", "method_b", "better"),
    *("difference", "difference_low", "difference_high", "difference_kind", "gain", "n_examples", "n_seeds"),
)
_X = ("x", "x_low", "x_high")
_Y = ("y", "y_low", "y_high")
_ACROSS = 3
_HEIGHT, _TITLE = 1.9, 0.25  # inches of a panel, and of a data set's name
MOST = 60  # remedies whose points and numbers have room
_REACH = 1.5  # of the farthest difference: where a panel ends
_BOX = (0.16, 0.12)  # inches of a number of two digits
_RINGS, _STEPS = 14, 24  # places that are tried around a point


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Panels: per data set one for each notion. Returns the figure and its points, numbered."""
    shown = points(tables["gains"], style_of(settings))
    with theme():
        if shown.empty:
            return empty_figure(
                f"No model of this study is set beside a plain one. {_why(tables['gains'])}".strip()
            ), shown
        return _figure(shown, settings), shown


def points(gains: pd.DataFrame, style: Style) -> pd.DataFrame:
    """A row per model and notion: differences of accuracy (x) and of the notion (y; up is faithful), and a number."""
    known = gains[gains["difference"].notna()]
    several = known[known["difference_kind"].notna() & (known["difference_kind"] != EXAMPLES_ONLY)]
    chosen = known[known["dataset"].isin(several["dataset"])] if len(several) else known
    cost = chosen.loc[chosen["notion"] == ACCURACY, [*CELL, "difference", "difference_low", "difference_high"]]
    cost.columns = pd.Index([*CELL, *_X])
    rows = chosen.loc[chosen["notion"].isin(SHOWN), list(COLUMNS)].merge(cost, on=list(CELL))
    if rows.empty:
        return pd.DataFrame(columns=["number", "remedy", "family", *COLUMNS, *_X, *_Y])
    plain = plainest(gains)
    rows = sorted_remedies(rows, plain)
    rows["remedy"] = [remedy_name(row, plain, style) for row in rows.to_dict("records")]
    rows["family"] = [family(row, plain) for row in rows.to_dict("records")]
    names = list(dict.fromkeys(rows["remedy"]))
    rows["number"] = [names.index(name) + 1 for name in rows["remedy"]]
    rows[list(_Y)] = [_upwards(row) for row in rows.to_dict("records")]
    order = rows["notion"].map(SHOWN.index)
    rows = rows.assign(order=order).sort_values(["dataset", "order", "number"], kind="stable").drop(columns="order")
    return rows[["number", "remedy", "family", *COLUMNS, *_X, *_Y]].reset_index(drop=True)


def _upwards(row: Mapping[Any, Any]) -> list[float]:
    value, low, high = (row[name] for name in ("difference", "difference_low", "difference_high"))
    return [value, low, high] if row["better"] == HIGHER else [-value, -high, -low]


def _why(gains: pd.DataFrame) -> str:
    return "; ".join(sorted(set(gains["missing_reason"].dropna())))


def _figure(shown: pd.DataFrame, settings: dict[str, Any]) -> Figure:
    style = style_of(settings)
    shown, said = _fitting(shown)
    blocks = [(name, list(rows.groupby("notion", sort=False))) for name, rows in shown.groupby("dataset", sort=False)]
    heights = [math.ceil(len(notions) / _ACROSS) for _, notions in blocks]
    key = _key(shown)
    size = (WIDTHS[2], sum(heights) * _HEIGHT + _TITLE * len(blocks) + 0.2)
    figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.06))
    parts = figure.subfigures(len(blocks), 1, squeeze=False, height_ratios=heights)[:, 0]
    places: list[tuple[Axes, pd.DataFrame]] = []
    for part, (_, notions), n_rows in zip(parts, blocks, heights, strict=True):
        part.suptitle(dataset_name(notions[0][1].iloc[0], style), x=0.01, ha="left", fontsize=TITLE, fontweight="bold")
        axes = part.subplots(n_rows, _ACROSS, squeeze=False)
        for ax in axes.flat[len(notions) :]:
            ax.remove()
        for ax, (notion, rows) in zip(axes.flat, notions, strict=False):
            _draw_panel(ax, rows, str(notion))
            places.append((ax, rows))
        part.supxlabel("change of accuracy", fontsize=8)
    _add_key(figure, key, _legend(shown, settings["confidence"]))
    fitting.say(figure, *said)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # panels stay where the numbers' room was sought
    for ax, rows in places:
        _number(ax, rows)
    return figure


def _fitting(shown: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The points that are drawn: of the data sets that fit, the remedies that fit; and words that say so."""
    total = shown["number"].nunique()
    kept = shown[shown["number"] <= MOST]
    heights = [
        math.ceil(rows["notion"].nunique() / _ACROSS) * _HEIGHT + _TITLE
        for _, rows in kept.groupby("dataset", sort=False)
    ]
    n = fitting.fitting(len(heights), lambda some: sum(heights[:some]))
    said = [
        fitting.part(min(MOST, total), total, "remedies", ONE_THING_FIRST),
        fitting.part(n, len(heights), "data sets", fitting.FIRST),
    ]
    return kept[kept["dataset"].isin(kept["dataset"].unique()[:n])], said


def _draw_panel(ax: Axes, rows: pd.DataFrame, notion: str) -> None:
    title = BY_NAME[notion].title + ("" if BY_NAME[notion].better == HIGHER else ", less")
    ax.set_title(wrapped(title, WIDTHS[2] / _ACROSS - 0.5, 8), fontsize=8)
    ax.axhline(0, color=INK, linewidth=0.7, zorder=1)
    ax.axvline(0, color=INK, linewidth=0.7, zorder=1)
    ax.set(xlim=_limits(rows, _X), ylim=_limits(rows, _Y))
    colours = [_colours()[kind] for kind in rows["family"]]
    line: dict[str, Any] = {"colors": colours, "linewidth": 0.6, "alpha": 0.45, "zorder": 2}
    ax.hlines(rows["y"], rows["x_low"], rows["x_high"], **line)
    ax.vlines(rows["x"], rows["y_low"], rows["y_high"], **line)
    fills = [colour if told else "white" for colour, told in zip(colours, _told(rows), strict=True)]
    ax.scatter(rows["x"], rows["y"], s=13, c=fills, edgecolors=colours, zorder=3)
    ax.locator_params(nbins=5)


def _limits(rows: pd.DataFrame, names: Sequence[str]) -> tuple[float, float]:
    """Both ends of the intervals, but no farther than the points can still be told apart."""
    value, low, high = (rows[name].to_numpy(float) for name in names)
    farthest = float(np.abs(value).max()) or 0.01
    ends = [np.nanmin([*low, *value, 0.0]), np.nanmax([*high, *value, 0.0])]
    room = 0.12 * farthest
    return max(ends[0], min(value.min(), 0.0) - _REACH * farthest) - room, min(
        ends[1], max(value.max(), 0.0) + _REACH * farthest
    ) + room


def _number(ax: Axes, rows: pd.DataFrame) -> None:
    """The number of each point where it covers no point and no other number, as near as there is room."""
    size = ax.get_window_extent()
    box = np.array(_BOX) * ax.figure.get_figure(root=True).dpi
    centres = ax.transData.transform(rows[["x", "y"]].to_numpy(float))
    taken = [(*centre, *(box * 0.45)) for centre in centres]
    colours = [_colours()[kind] for kind in rows["family"]]
    for point, centre, colour, told in zip(rows.to_dict("records"), centres, colours, _told(rows), strict=True):
        place = _room(centre, box, taken, size)
        taken.append((*place, *box))
        x, y = ax.transData.inverted().transform(place)
        if float(np.abs(place - centre).max()) > 1.2 * box[0]:
            ax.plot([point["x"], x], [point["y"], y], color=colour, linewidth=0.4, zorder=2)
        look: dict[str, Any] = {"color": colour, "fontweight": "bold" if told else "normal", "zorder": 4}
        ax.text(x, y, str(point["number"]), fontsize=NOTE, ha="center", va="center", **look)


def _told(rows: pd.DataFrame) -> list[bool]:
    """Whether the interval of each point's notion leaves out 0."""
    return [bool(low > 0 or high < 0) for low, high in zip(rows["y_low"], rows["y_high"], strict=True)]


def _room(centre: Any, box: Any, taken: Sequence[Any], size: Any) -> Any:
    """The first place on rings around a point that overlaps nothing and lies in the panel; its side for none."""
    for ring in range(1, _RINGS):
        for step in range(_STEPS):
            angle = 2 * math.pi * step / _STEPS + math.pi / 4
            place = centre + box * (0.45 + 0.42 * ring) * np.array([math.cos(angle), math.sin(angle)])
            inside = size.x0 < place[0] - box[0] / 2 and place[0] + box[0] / 2 < size.x1
            inside &= size.y0 < place[1] - box[1] / 2 and place[1] + box[1] / 2 < size.y1
            if inside and not any(_overlap(place, box, other) for other in taken):
                return place
    return centre + box * np.array([0.8, 0.0])


def _overlap(place: Any, box: Any, other: Sequence[float]) -> bool:
    x, y, width, height = other
    return bool(abs(place[0] - x) < (box[0] + width) / 2 and abs(place[1] - y) < (box[1] + height) / 2)


def _colours() -> dict[str, str]:
    return dict(zip(FAMILIES, (CYCLE[0], CYCLE[1], CYCLE[4], CYCLE[2], CYCLE[3]), strict=True))


def _key(shown: pd.DataFrame) -> list[tuple[int, str, str]]:
    """Number, name and family of every remedy."""
    rows = shown.drop_duplicates("number").sort_values("number")
    return list(zip(rows["number"], rows["remedy"], rows["family"], strict=True))


def _legend(shown: pd.DataFrame, confidence: float) -> list[Any]:
    known = shown.rename(columns={"difference_kind": "ci_kind"})
    mark: dict[str, Any] = {"marker": "o", "markersize": 3.6, "linestyle": "none", "color": MUTED}
    return [
        Line2D([], [], label="interval leaves out 0", **mark),
        Line2D([], [], label="no difference found", markerfacecolor="white", **mark),
        Line2D([], [], color=MUTED, linewidth=0.6, label=interval_name(known, confidence)),
    ]


def _add_key(figure: Figure, key: Sequence[tuple[int, str, str]], more: Sequence[Any]) -> None:
    handles = [Line2D([], [], linestyle="none", marker="none", label=f"{number}  {name}") for number, name, _ in key]
    legend = legend_below(figure, [*handles, *more], most=_columns(key))
    for entry, (_, _, kind) in zip(legend.get_texts(), key, strict=False):
        entry.set_color(_colours()[kind])


def _columns(key: Sequence[tuple[int, str, str]]) -> int:
    widest = max(text_width(f"{number}  {name}", 7.5) for number, name, _ in key)
    return max(2, min(5, int(WIDTHS[2] / (widest + 0.4))))
