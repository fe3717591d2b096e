"""The wide table for programs: a row per cell, a column per number; `name.split("/")` gives metric, methods, number."""

from typing import Any

import pandas as pd

from attnexplain.pages.wide.measures import Wide
from attnexplain.tables.statistics import CELL, SCHEMA

_KEYS = ("study", *CELL, "method", "method_b", "class", "metric", "options")
NUMBERS = tuple(name for name in SCHEMA.columns.names if name not in _KEYS)


def frame(table: Wide) -> pd.DataFrame:
    """Columns of CELL, then `<metric>[/<method>[/<method_b>]]/<number>` with every number of every measure.

    All numbers stand there, also those that no cell has: which columns there are depends on the study, not on results.
    """
    columns: dict[str, list[Any]] = {name: [cell[place] for cell in table.cells] for place, name in enumerate(CELL)}
    for measure in table.measures:
        rows = [table.row(cell, measure) for cell in table.cells]
        columns |= {f"{measure.name}/{number}": [row.get(number) for row in rows] for number in NUMBERS}
    return pd.DataFrame(columns).convert_dtypes()
