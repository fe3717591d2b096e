"""Dot-and-interval charts in rows: one row per encoder, in it one place per control and attention.

Colour says the attention, the marker's shape the control; a grey bar is the null range, a diamond a published number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from attnexplain.figures.cells import attention_key, attention_name, why_missing
from attnexplain.figures.layout import NOTE, TICK, WIDTHS, legend_below, text_width
from attnexplain.figures.style import INK, MARKERS, MUTED, NULL_COLOUR, Style

_SPARE_MARKERS = ("v", "P", "X", "D")
_ROW = 0.17  # inches: a place of a control and an attention
_EDGES = 0.22  # inches left and right of the encoders' names and of a panel
_LETTER = 0.061  # inches of a letter within a panel, on average


@dataclass(frozen=True)
class Rows:
    """Where each cell stands: encoders from top to bottom, (control, attention) within each."""

    encoders: list[str]
    places: list[tuple[str, str]]
    names: dict[str, str]  # attention key -> name
    colours: dict[str, str]  # attention key -> colour
    labels: list[str]  # the encoders' names

    def position(self, row: pd.Series) -> float:
        """Height of a cell's row on the axis; 0 is the first encoder's middle."""
        place = self.places.index((row["control"], attention_key(row)))
        return self.encoders.index(row["encoder"]) + (place - (len(self.places) - 1) / 2) * self.step

    def above(self, row: pd.Series) -> float:
        """A little over a cell's interval, where its line and mark hide nothing."""
        return self.position(row) - 0.37 * self.step

    @property
    def step(self) -> float:
        """Distance between two places of one encoder; encoders are 1 apart."""
        return 0.86 / len(self.places)

    @property
    def height(self) -> float:
        """Inches of one panel's axis."""
        return len(self.encoders) * max(0.3, _ROW * len(self.places) + 0.05)

    @property
    def width(self) -> float:
        """Inches that the encoders' names leave a panel."""
        return WIDTHS[1] - _EDGES - max(text_width(label, TICK) for label in self.labels)

    @property
    def controls(self) -> list[str]:
        """The controls drawn, `none` first."""
        return sorted({control for control, _ in self.places}, key=lambda control: (control != "none", control))


def arrange(cells: pd.DataFrame, style: Style) -> Rows:
    """Places for all cells of a table that is not empty."""
    names = {attention_key(row): attention_name(row, style) for _, row in cells.iterrows()}
    places = {(row["control"], attention_key(row)) for _, row in cells.iterrows()}
    ordered = sorted(places, key=lambda place: (place[0] != "none", place))
    encoders = sorted(set(cells["encoder"]))
    labels = [style.label(encoder) for encoder in encoders]
    return Rows(encoders, ordered, names, style.colour_of_each(sorted(names)), labels)


def height(titles: Sequence[str], rows: Rows) -> float:
    """Inches of the panels with their titles."""
    lines = len(titles) + sum(title.count("\n") for title in titles)
    return len(titles) * (rows.height + 0.12) + 0.15 * lines


def panels(titles: Sequence[str], rows: Rows, xlabel: str) -> tuple[Figure, np.ndarray]:
    """A figure of one column's width, a panel below the other, one axis for all; returns it and its axes (panels,)."""
    figure = Figure(figsize=(WIDTHS[1], height(titles, rows) + 0.45), layout="constrained")
    axes = figure.subplots(len(titles), 1, squeeze=False, sharex=True, sharey=True)[:, 0]
    axes[0].set_ylim(len(rows.encoders) - 0.5, -0.5)
    axes[0].set_yticks(range(len(rows.encoders)), rows.labels)
    axes[0].xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes[-1].set_xlabel(xlabel)
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title)
        ax.grid(axis="y", visible=False)
        ax.use_sticky_edges = False  # a null range is not cut by the panel's edge
        for boundary in range(1, len(rows.encoders)):
            ax.axhline(boundary - 0.5, color="#d9d9d9", linewidth=0.6, zorder=0.5)
    return figure, axes


def draw_cell(ax: Axes, row: pd.Series, rows: Rows) -> None:
    """Null range, interval, mean and published number of one cell, or the reason why there is none."""
    y, colour = rows.position(row), rows.colours[attention_key(row)]
    if pd.notna(row["null_low"]) and pd.notna(row["null_high"]):
        width = row["null_high"] - row["null_low"]
        # The outline keeps a narrow range in sight.
        ax.barh(y, width, rows.step, row["null_low"], color=NULL_COLOUR, edgecolor=NULL_COLOUR, linewidth=1.5, zorder=1)
    if pd.isna(row["mean"]):
        why = why_missing(row, int(rows.width / _LETTER) - len("no value: "))
        text = ax.text(0.01, y, why, transform=ax.get_yaxis_transform(), color=MUTED, fontsize=NOTE)
        text.set(va="center", clip_on=True, in_layout=False)
    else:
        if pd.notna(row["ci_low"]) and pd.notna(row["ci_high"]):
            ax.plot([row["ci_low"], row["ci_high"]], [y, y], color=colour, linewidth=1.6, zorder=3)
        ax.plot(row["mean"], y, color=colour, **_marker(row["control"], 5), zorder=4)
        if pd.notna(row["published"]):  # over the words that say why there is no mean, it could not be read
            ax.plot(row["published"], y, **_PUBLISHED, zorder=5)


def draw_published(ax: Axes, row: pd.Series, rows: Rows) -> None:
    """The published number of one predicted class of a cell: the class as a numeral."""
    ax.plot(row["published"], rows.above(row), **_numeral(row["class"]), zorder=5)


def published_of_classes(classes: list[str]) -> Line2D:
    """Legend entry of `draw_published`."""
    return Line2D([], [], **_numeral(classes[0]), label=f"published, class {', '.join(classes)}")


def legend(
    figure: Figure, rows: Rows, style: Style, cells: pd.DataFrame, interval: str, more: Sequence[Line2D] = ()
) -> None:
    """One legend below the panels: attentions, controls, `more`, and what else is drawn."""
    lines: list[Any] = [
        Line2D([], [], color=colour, linestyle="none", marker="o", markersize=5, label=f"{rows.names[key]} attention")
        for key, colour in rows.colours.items()
    ]
    if rows.controls != ["none"]:
        lines += [
            Line2D([], [], color=MUTED, linestyle="none", label=_control_name(control, style), **_marker(control, 5))
            for control in rows.controls
        ]
    lines += more
    lines += [Line2D([], [], color=MUTED, linewidth=1.6, label=interval)] if cells["ci_low"].notna().any() else []
    lines += [Line2D([], [], label="published", **_PUBLISHED)] if cells["published"].notna().any() else []
    lines += [Patch(color=NULL_COLOUR, label="null range of the mean")] if cells["null_low"].notna().any() else []
    legend_below(figure, lines)


def interval_name(cells: pd.DataFrame, confidence: float) -> str:
    """What the horizontal lines are: level and kind of the intervals."""
    kinds = sorted(set(cells["ci_kind"].dropna()))
    return f"{100 * confidence:g} % interval" + (f" ({', '.join(kinds)})" if kinds else "")


_PUBLISHED: dict[str, Any] = {
    "color": INK,
    "linestyle": "none",
    "marker": "D",
    "markersize": 4.5,
    "markerfacecolor": "none",
    "markeredgewidth": 1.1,
}


def _numeral(name: str) -> dict[str, Any]:
    return {
        "color": INK,
        "linestyle": "none",
        "marker": f"$\\mathbf{{{name}}}$",
        "markersize": 5,
        "markeredgewidth": 0.2,
    }


def _marker(control: str, size: float) -> dict[str, Any]:
    marker = MARKERS.get(control) or _SPARE_MARKERS[sum(map(ord, control)) % len(_SPARE_MARKERS)]
    fill = {} if control == "none" else {"markerfacecolor": "white", "markeredgewidth": 1.2}
    return {"marker": marker, "markersize": size, **fill}


def _control_name(control: str, style: Style) -> str:
    return "trained" if control == "none" else f"control: {style.label(control)}"
