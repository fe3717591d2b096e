"""Distance of predictions against divergence of attentions: trained adversaries over lambda, and what lies beside them.

Wiegreffe & Pinter (2019), figure 5, for every model that is attacked, with intervals in both directions.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from attnexplain.figures import fitting
from attnexplain.figures.cells import dataset_name, empty_figure, model_name, why_missing
from attnexplain.figures.layout import NOTE, TITLE, WIDTHS, legend_below, wrapped
from attnexplain.figures.style import CYCLE, MUTED, Style, style_of, theme
from attnexplain.tables.curves import AREA, EXACT, KINDS, SCHEMA, SEARCH, SEED, TRAINED, UNIFORM, UNIFORM_TRAINED
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "adversary-curves",
    "title": "What another attention costs in prediction",
    "citation": "Wiegreffe & Pinter (2019), figure 5",
    "caption": (
        "Mean total variation distance between predictions against mean Jensen-Shannon divergence between "
        "attentions, each attack beside the model named above its panel: adversaries trained to predict like it and "
        "attend elsewhere, a point per λ, joined in the order of λ; other seeds; uniform attention, imposed at test "
        "or trained with; adversaries found post hoc over fixed states. Lines through points are intervals; one "
        "that leaves its panel goes on: there are few seeds. Low and far to the right is an attention that is "
        "easily replaced. Shaded: the area under the least that a divergence costs, by one adversary or several by "
        "lot, up to the divergence at which the shade ends; its mean height is the number in the panel."
    ),
    "reads": ["curves"],
    "columns": 2,
    "options": {},
}
COLUMNS = tuple(name for name in SCHEMA.columns.names if name != "study")
_LN2 = float(np.log(2))
_MOST = 3  # panels beside each other
_HEIGHT, _EDGES = 1.75, 0.55  # inches of a panel with its ticks, and of what stands left of the panels
_LINE = 0.15  # inches of a line of a title
_TITLE = 3 * _LINE  # of most titles
_ROOM = 1.4  # of the highest point: intervals of few seeds would press the points to the ground
_WORDS = 1.75  # inches of words within a panel
_SHADE = "#e3e9ef"
_LOOKS: dict[str, dict[str, Any]] = {
    TRAINED: {"color": CYCLE[0], "marker": "o", "markersize": 3.5},
    SEED: {"color": CYCLE[2], "marker": "^", "markersize": 5},
    UNIFORM: {"color": CYCLE[1], "marker": "s", "markersize": 4.5, "markerfacecolor": "white"},
    UNIFORM_TRAINED: {"color": CYCLE[1], "marker": "s", "markersize": 4.5},
    SEARCH: {"color": CYCLE[3], "marker": "x", "markersize": 5},
    EXACT: {"color": CYCLE[3], "marker": "D", "markersize": 4},
}
_NAMES = {
    TRAINED: "trained adversaries, by λ",
    SEED: "another seed",
    SEARCH: "post hoc, searched",
    EXACT: "post hoc, exact",
}


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """A panel per data set and model attacked. Returns the figure and the rows it shows."""
    rows = tables["curves"][list(COLUMNS)]
    order = rows["kind"].map({kind: place for place, kind in enumerate(KINDS)})
    keys = [*CELL, "place", "lambda", "attack"]
    rows = rows.assign(place=order).sort_values(keys, kind="stable").drop(columns="place").reset_index(drop=True)
    with theme():
        if rows.empty:
            return empty_figure(
                "No trained adversary in this study, or none whose distance to its base is measured."
            ), rows
        return _figure(rows, settings), rows


def _figure(rows: pd.DataFrame, settings: dict[str, Any]) -> Figure:
    style = style_of(settings)
    models = fitting.models(rows, CELL, lambda some: math.ceil(len(some) / _MOST) * (_HEIGHT + _TITLE))
    rows = models.of(rows)
    panels = [group for _, group in rows.groupby(list(CELL), sort=False)]
    across = min(_MOST, len(panels))
    down = math.ceil(len(panels) / across)
    width = (WIDTHS[2] - _EDGES) / max(2, across)
    titles = [wrapped(_title(group.iloc[0], style), width - 0.1, TITLE) for group in panels]
    lines = sum(1 + max(title.count("\n") for title in titles[i : i + across]) for i in range(0, len(titles), across))
    size = (_EDGES + across * width, down * _HEIGHT + lines * _LINE + 0.35)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for ax, title, group in zip(axes.flat, titles, panels, strict=False):
        ax.set_title(title)
        _draw_panel(ax, group)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    drawn = rows.loc[rows["jsd"].notna(), "tvd"]
    _finish(axes, len(panels), float(drawn.max()) if drawn.notna().any() else 0.0)
    legend_below(figure, [*_handles(rows, settings["confidence"])], most=3)
    models.say(figure)
    return figure


def _title(row: pd.Series, style: Style) -> str:
    control = "" if row["control"] == "none" else f" ({style.label(row['control'])})"
    return f"{dataset_name(row, style).replace(',', ', ')}: {model_name(row, style)}{control}"


def _finish(axes: np.ndarray, panels: int, highest: float) -> None:
    """One scale for all, with room over the `highest` point; names at the last panels of columns, the first of rows."""
    first = axes[0, 0]
    first.set_xlim(0, _LN2 * 1.04)
    first.set_ylim(0, highest * _ROOM if highest > 0 else 1.0)
    down, across = axes.shape
    for place in range(panels):
        i, j = divmod(place, across)
        if i == down - 1 or place + across >= panels:
            axes[i, j].tick_params(labelbottom=True)
            axes[i, j].set_xlabel("divergence of attentions (JSD, nats)")
        if j == 0:
            axes[i, j].set_ylabel("distance (TVD)")


def _draw_panel(ax: Axes, rows: pd.DataFrame) -> None:
    """The points of one model, the line of its adversaries, and the area under them."""
    known = rows[rows["jsd"].notna() & rows["tvd"].notna()]
    area = rows[rows["kind"] == AREA]
    if known.empty:
        reason = wrapped(why_missing(rows.iloc[0], 90), _WORDS, NOTE)
        ax.text(0.04, 0.9, reason, transform=ax.transAxes, color=MUTED, fontsize=NOTE, va="top", in_layout=False)
        return
    ax.axvline(_LN2, color=MUTED, linewidth=0.6, linestyle=":", zorder=1)
    for _, row in area.iterrows():
        _draw_area(ax, row, known[known["kind"] == TRAINED])
    for name, line in _lines(known):
        ax.plot(line["jsd"], line["tvd"], color=_LOOKS[TRAINED]["color"], linewidth=1.1, zorder=3, label=name)
    for _, row in known.iterrows():
        _draw_point(ax, row)


def _lines(known: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Adversaries that differ in lambda alone, as far as their names tell, by lambda."""
    trained = known[known["kind"] == TRAINED]
    names = trained["attack"].map(lambda name: re.sub(r"\badversarial-[0-9a-f]{6}\b", "adversarial", name))
    for name, line in trained.groupby(names, sort=True):
        yield str(name), line.sort_values("lambda", kind="stable")


def _draw_point(ax: Axes, row: pd.Series) -> None:
    look = _LOOKS[row["kind"]]
    if pd.notna(row["jsd_low"]):
        ax.plot([row["jsd_low"], row["jsd_high"]], [row["tvd"]] * 2, color=look["color"], linewidth=0.8, zorder=2.5)
    if pd.notna(row["tvd_low"]):
        ax.plot([row["jsd"]] * 2, [row["tvd_low"], row["tvd_high"]], color=look["color"], linewidth=0.8, zorder=2.5)
    # What lies on the lower edge is drawn whole.
    ax.plot(row["jsd"], row["tvd"], **look, linestyle="none", zorder=4, clip_on=False)


def _draw_area(ax: Axes, row: pd.Series, trained: pd.DataFrame) -> None:
    """The shade under the frontier, and its mean height with its interval."""
    if pd.isna(row["area"]):
        words = wrapped(f"no area: {row['missing_reason']}", _WORDS, NOTE)
    else:
        corners = trained[trained["is_corner"].eq(True)].sort_values("jsd")
        jsd, tvd = (np.append(0.0, corners[name].to_numpy(float)) for name in ("jsd", "tvd"))
        x = np.append(jsd[jsd < row["to"]], row["to"])
        ax.fill_between(x, np.interp(x, jsd, tvd), color=_SHADE, linewidth=0, zorder=0.5)
        known = pd.notna(row["area_low"])
        words = f"area {row['area']:.3f}" + (f" [{row['area_low']:.3f}, {row['area_high']:.3f}]" if known else "")
    # Above the lines of wide intervals.
    paper: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.8}
    ax.text(0.04, 0.95, words, transform=ax.transAxes, fontsize=NOTE, va="top", bbox=paper, zorder=5, in_layout=False)


def _handles(rows: pd.DataFrame, confidence: float) -> Iterator[Any]:
    for kind in (kind for kind in KINDS if kind in _LOOKS and (rows["kind"] == kind).any()):
        line = {"linewidth": 1.1} if kind == TRAINED else {"linestyle": "none"}
        yield Line2D([], [], **_LOOKS[kind], **line, label=_NAMES.get(kind, kind))
    kinds = sorted(set(rows.loc[rows["kind"] != AREA, "ci_kind"].dropna()))
    if kinds:
        yield Line2D([], [], color=MUTED, linewidth=0.8, label=f"{100 * confidence:g} % interval ({', '.join(kinds)})")
    limits = sorted(set(rows.loc[rows["area"].notna(), "to"]))
    if limits:
        yield Patch(color=_SHADE, label=f"area under the frontier, to {', '.join(f'{one:g}' for one in limits)} nats")
