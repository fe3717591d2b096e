"""One look for all figures and the report: labels, colours that colour-blind readers tell apart, sizes, theme.

A study overrides names and colours under `display: {labels: {}, colours: {}}`. Text is drawn as paths of the font that
matplotlib ships, so a figure looks alike on every machine and its bytes do not depend on installed fonts.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import seaborn as sns

from attnexplain.figures.names import LABELS
from attnexplain.identifiers import VARIANT

NULL_COLOUR = "#c9c9c9"
INK = "#222222"
MUTED = "#595959"
DIVERGING = "RdBu_r"
# Apart for every kind of colour vision (CIE distance above 12), and dark enough for thin lines on white.
CYCLE = ("#0173b2", "#c25b00", "#018a66", "#6b1e07", "#13b4c4", "#1f1f8f", "#9d9d9d")

COLOURS: dict[str, str] = {
    "additive": CYCLE[0],
    "dot": CYCLE[1],
    "frozen": CYCLE[3],
    "uniform": CYCLE[6],
}

MARKERS: dict[str, str] = {"none": "o", "untrained": "s", "shuffled-labels": "^"}

_RC: dict[str, Any] = {
    "axes.edgecolor": "#8c8c8c",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.titlelocation": "left",
    "figure.dpi": 100,
    "font.family": "DejaVu Sans",
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "attnexplain",
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}
_SIZES = {
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8,
    "legend.fontsize": 7.5,
    "legend.title_fontsize": 8,
}
_TICKS = {"xtick.labelsize": 7.5, "ytick.labelsize": 7.5, "xtick.bottom": True, "xtick.major.size": 2.5}


@dataclass(frozen=True)
class Style:
    """Names and colours of a study: the built-in ones under those of its `display`."""

    labels: Mapping[str, str] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)

    def label(self, identifier: str) -> str:
        """Name to print for an identifier, a variant's id (`name-3fa94c`) or a combination (`mlm+tying`)."""
        for names in (self.labels, LABELS):
            if identifier in names:
                return names[identifier]
        if "+" in identifier:
            return " + ".join(self.label(part) for part in identifier.split("+"))
        variant = VARIANT.match(identifier)
        return f"{self.label(variant['name'])} ({variant['digest']})" if variant else identifier

    def colour(self, identifier: str, position: int) -> str:
        """Colour of an identifier; unknown ones take the cycle's, by their position among what is drawn."""
        for colours in (self.colours, COLOURS):
            if identifier in colours:
                return colours[identifier]
        return CYCLE[position % len(CYCLE)]

    def colour_of_each(self, identifiers: list[str]) -> dict[str, str]:
        """Distinct colours while the cycle lasts: an unknown identifier takes the first colour no other has."""
        fixed = {name: self.colour(name, 0) for name in identifiers if name in self.colours or name in COLOURS}
        free = [colour for colour in CYCLE if colour not in fixed.values()] or list(CYCLE)
        unknown = [name for name in identifiers if name not in fixed]
        found = fixed | {name: free[position % len(free)] for position, name in enumerate(unknown)}
        return {name: found[name] for name in identifiers}


def style_of(settings: Mapping[str, Any]) -> Style:
    """The style that a job's settings ask for."""
    display = settings.get("display") or {}
    return Style(display.get("labels") or {}, display.get("colours") or {})


@contextmanager
def theme() -> Iterator[None]:
    """The figures' matplotlib settings, for drawing and for saving; nothing global stays changed."""
    settings: Any = {**sns.axes_style("whitegrid"), **_RC, **_SIZES, **_TICKS}
    with mpl.rc_context(settings):
        yield
