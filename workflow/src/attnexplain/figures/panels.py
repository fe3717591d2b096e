"""Grids of panels with a row per cell of the study: which rows, what they are called, axes below the lowest panels."""

import textwrap
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import pandas as pd

from attnexplain.figures.cells import dataset_name, model_name
from attnexplain.figures.style import Style
from attnexplain.tables.statistics import CELL

_NAME = 22  # letters of a line of a row's name


def panel_rows(plotted: pd.DataFrame) -> pd.DataFrame:
    """The cells of a table, each once, in its order."""
    return plotted[list(CELL)].drop_duplicates().reset_index(drop=True)


def row_name(row: pd.Series, style: Style) -> str:
    """Data set and model of a row, and the control where it is one, in lines that leave the panels their room."""
    control = [] if row["control"] == "none" else [f"({style.label(row['control'])})"]
    # Limits stand as `train=500,dev=100`: lines may end after a comma.
    names = [dataset_name(row, style).replace(",", ", "), model_name(row, style), *control]
    return "\n".join(line for name in names for line in textwrap.wrap(name, _NAME))


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
