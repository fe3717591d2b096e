"""Grids of panels with a row per cell of the study: which rows, what they are called, axes below the lowest panels.

Rows of figures that are two columns wide are named at their left, those of figures of one column above their panels.
"""

import textwrap
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import pandas as pd

from attnexplain.figures.cells import dataset_name, model_name
from attnexplain.figures.layout import POINTS, TITLE, wrapped
from attnexplain.figures.style import Style
from attnexplain.tables.statistics import CELL

_NAME = 22  # letters of a line of a row's name
_HEADING = 1.3 * TITLE / POINTS  # inches of a line above a row


def panel_rows(plotted: pd.DataFrame) -> pd.DataFrame:
    """The cells of a table, each once, in its order."""
    return plotted[list(CELL)].drop_duplicates().reset_index(drop=True)


def row_name(row: pd.Series, style: Style) -> str:
    """Data set and model of a row, and the control where it is one, in lines that leave the panels their room."""
    control = [] if row["control"] == "none" else [f"({style.label(row['control'])})"]
    # Limits stand as `train=500,dev=100`: lines may end after a comma.
    names = [dataset_name(row, style).replace(",", ", "), model_name(row, style), *control]
    return "\n".join(line for name in names for line in textwrap.wrap(name, _NAME))


def row_headings(rows: pd.DataFrame, style: Style) -> list[str]:
    """Data set and model of each row in one line, the control where it is one, and the metric where there are several.

    Of the columns of a cell and `metric`.
    """
    several = rows["metric"].nunique() > 1

    def heading(row: pd.Series) -> str:
        control = "" if row["control"] == "none" else f" ({style.label(row['control'])})"
        metric = f" [{style.label(row['metric'])}]" if several else ""
        return f"{dataset_name(row, style).replace(',', ', ')}: {model_name(row, style)}{control}{metric}"

    return [heading(row) for _, row in rows.iterrows()]


def set_headings(axes: np.ndarray, headings: Sequence[str], columns: Sequence[str], width: float) -> None:
    """A heading above each row of panels (rows, columns), which may reach over all of the row; above the first row the
    columns' names too. All are wrapped, and the figure grows by their lines. `width`: inches of one panel.
    """
    names = [wrapped(column, width, TITLE) for column in columns]
    most = max(name.count("\n") for name in names)
    shown = [wrapped(heading, axes.shape[1] * width, TITLE) for heading in headings]
    for row, heading in zip(axes, shown, strict=True):
        row[0].set_title(heading)
    for ax, name in zip(axes[0], names, strict=True):
        # All as many lines as the longest, so that the heading stands above them all.
        ax.set_title(ax.get_title(loc="left") + "\n" * (1 + most - name.count("\n")) + name)
    lines = sum(heading.count("\n") + 1 for heading in shown) + most + 1
    figure = axes[0, 0].figure
    figure.set_figheight(figure.get_figheight() + lines * _HEADING)


def headings_height(headings: Sequence[str], width: float) -> float:
    """Inches of the headings of rows that are `width` inches wide."""
    return _HEADING * sum(wrapped(heading, width, TITLE).count("\n") + 1 for heading in headings)


def finish_columns(axes: np.ndarray, drawn: AbstractSet[tuple[int, ...]], datasets: Sequence[str], xlabel: str) -> None:
    """Empty places are taken away; ticks have numbers below the last panel of each data set (of each row), so that
    one is in sight, and the axis its name below the last panel of each column.
    """
    for (i, j), ax in np.ndenumerate(axes):
        below = [row for row in range(i + 1, len(axes)) if (row, j) in drawn]
        if (i, j) not in drawn:
            ax.set_axis_off()
        elif not below or datasets[below[0]] != datasets[i]:
            ax.tick_params(labelbottom=True)
        if (i, j) in drawn and not below:
            ax.set_xlabel(xlabel)
