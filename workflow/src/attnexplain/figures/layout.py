"""What a figure's width gives room to: the widths there are, words in lines, a legend below the panels."""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.textpath import text_to_path

# Inches of a figure that asks for one or for both columns of a page (FACTS["columns"]); printed at that width, no
# letter is below 7 points.
WIDTHS = {1: 3.3, 2: 6.9}
TITLE, TICK, NOTE = 8.5, 7.5, 7.0  # points: of panels' titles, of names and numbers at axes, of words within panels
POINTS = 72.0  # per inch
_LEGEND = 7.5
_HANDLE, _GAP = 2.2, 1.0  # of a legend's entry, in letters' sizes: its mark, and the distance to the next


@cache
def text_width(text: str, size: float) -> float:
    """Width of one line of text, in inches."""
    width, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(size=size), ismath=False)
    return float(width) / POINTS


def wrapped(text: str, width: float, size: float) -> str:
    """Text in lines of at most `width` inches; its lines break at spaces, and a longer word has a line of its own."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines.append("")
        for word in line.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and text_width(longer, size) > width:
                lines.append(word)
            else:
                lines[-1] = longer
    return "\n".join(lines)


def legend_below(figure: Figure, handles: Sequence[Any], most: int = 4) -> Legend:
    """One legend below all panels, in as many columns (of `most`) as fit; the figure grows by its lines."""
    width = figure.get_figwidth() - 0.1
    letter = _LEGEND / POINTS
    labels = [wrapped(str(handle.get_label()), width - _HANDLE * letter, _LEGEND) for handle in handles]
    widths = [max(text_width(line, _LEGEND) for line in label.split("\n")) + _HANDLE * letter for label in labels]
    fitting = [n for n in range(1, min(most, len(handles)) + 1) if _columns_width(widths, n, _GAP * letter) <= width]
    columns = max(fitting, default=1)
    lines = math.ceil(len(handles) / columns) + sum(label.count("\n") for label in labels)
    figure.set_figheight(figure.get_figheight() + 0.08 + lines * 1.55 * letter)
    look: dict[str, Any] = {"loc": "outside lower center", "ncols": columns, "columnspacing": _GAP, "handlelength": 1.4}
    return figure.legend(handles=list(handles), labels=labels, fontsize=_LEGEND, **look)


def _columns_width(widths: Sequence[float], columns: int, gap: float) -> float:
    """Width of a legend that is filled column by column."""
    return sum(float(max(column)) + gap for column in np.array_split(np.asarray(widths), columns)) - gap
