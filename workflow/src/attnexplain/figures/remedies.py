"""What figures and pages of the table `gains` share: a model's name by what is not plain of it, and its family."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from attnexplain.figures.style import Style

PLAIN = "plain"
# Of a model that has two things that are not plain, an encoder and a regulariser, the last family stands.
FAMILIES = ("regulariser", "normaliser", "attention", "encoder", "regulariser of another encoder")
ONE_THING_FIRST = "those that change one thing of the plain model first"  # the order of `sorted_remedies`
_AXES = ("encoder", "attention", "normaliser", "regulariser")
_PLAIN = {"normaliser": "softmax", "regulariser": "none"}
_ORDER = ("encoder", "attention", "normaliser", "regulariser")


def plainest(gains: pd.DataFrame) -> dict[str, str]:
    """Encoder, attention, normaliser and regulariser of the model that all others are set beside."""
    rows = gains[gains["axis"].isna()]
    rows = rows if len(rows) else gains
    return {axis: str(rows[axis].mode().sort_values().iloc[0]) for axis in _AXES}


def remedy_name(row: Mapping[Any, Any] | pd.Series, plain: Mapping[str, str], style: Style) -> str:
    """`sparsemax`, `GRU`, `GRU + tying`; `plain` of the plainest itself."""
    parts = [str(row[axis]) for axis in _AXES if row[axis] != plain[axis] and row[axis] != _PLAIN.get(axis)]
    return " + ".join(style.label(part) for part in parts) or PLAIN


def family(row: Mapping[Any, Any], plain: Mapping[str, str]) -> str:
    """The axis on which a model departs from its plain one; apart where another axis is not plain either."""
    axis = row["axis"] if isinstance(row["axis"], str) else PLAIN
    if axis == "regulariser" and row["encoder"] != plain["encoder"]:
        return FAMILIES[-1]
    return axis


def sorted_remedies(rows: pd.DataFrame, plain: Mapping[str, str]) -> pd.DataFrame:
    """Rows by family in their order, then by name of encoder, normaliser and regulariser; the plainest first."""
    places = {name: place for place, name in enumerate((PLAIN, *FAMILIES))}
    order = [places[family(row, plain)] for row in rows.to_dict("records")]
    keys = ["_family", *_ORDER]
    return rows.assign(_family=order).sort_values(keys, kind="stable").drop(columns="_family").reset_index(drop=True)
