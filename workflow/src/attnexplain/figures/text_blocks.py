"""Words of a text set in lines of a given width, each on a background that shows a number of its own."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.patches import Rectangle

from attnexplain.figures.layout import text_width
from attnexplain.figures.style import INK
from attnexplain.metrics.ragged import Floats

SIZE = 7.5  # points
LINE = 0.168  # inches from a line to the next
_GAP = 0.035  # between words
_PAD = 0.025  # of a background beyond its word
_ELLIPSIS = "…"

Line = list[tuple[int, float, str]]  # position of a word in the text, its left edge (inches), the word


def wrap(words: Sequence[str], width: float) -> list[Line]:
    """Words in lines of at most `width` inches; a word that is longer than a line is cut short."""
    lines: list[Line] = [[]]
    x = 0.0
    for position, word in enumerate(words):
        shown = _fitting(_plain(word), width)
        needed = word_width(shown)
        if lines[-1] and x + needed > width:
            lines.append([])
            x = 0.0
        lines[-1].append((position, x, shown))
        x += needed + _GAP
    return lines


def word_width(word: str) -> float:
    """Width of a word with its background, in inches."""
    return text_width(word, SIZE) + 2 * _PAD


def draw_lines(
    ax: Axes,
    lines: Sequence[Line],
    numbers: Floats | None,
    left: float,
    top: float,
    colours: Colormap,
    scale: Normalize,
) -> None:
    """Draw lines of words from (left, top), in inches on `ax`; `numbers` (words,) colour their backgrounds."""
    for row, line in enumerate(lines):
        middle = top - (row + 0.5) * LINE
        for position, x, word in line:
            if numbers is not None:
                corner = (left + x, middle - 0.46 * LINE)
                colour = colours(scale(numbers[position]))
                ax.add_patch(Rectangle(corner, word_width(word), 0.92 * LINE, facecolor=colour, linewidth=0))
            # The same base line for all words of a line, whatever their letters.
            place: dict[str, Any] = {"va": "baseline", "ha": "left", "parse_math": False}
            ax.text(left + x + _PAD, middle - 0.036, word, fontsize=SIZE, color=INK, **place)


def _plain(word: str) -> str:
    """A word on one line; what cannot be seen is."""
    return " ".join(word.split()) or "␣"


def _fitting(word: str, width: float) -> str:
    if word_width(word) <= width:
        return word
    kept = word
    while len(kept) > 1 and word_width(kept + _ELLIPSIS) > width:
        kept = kept[:-1]
    return kept + _ELLIPSIS
