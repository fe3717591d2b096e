"""Tables as the page shows them: columns, rows of cells, and numbers written with the digits they deserve."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

NOTHING = "–"


@dataclass(frozen=True)
class Cell:
    """What a cell says, small print below it, and the value it is sorted by (its text where None)."""

    text: str
    notes: tuple[str, ...] = ()
    order: float | None = None


@dataclass(frozen=True)
class Grid:
    """A table of the page. Columns named in `numeric` are set flush right and sorted by value."""

    columns: Sequence[str]
    rows: list[list[Cell]] = field(default_factory=list)
    numeric: frozenset[str] = frozenset()


def words(value: Any) -> Cell:
    """A cell of plain text; nothing known is a dash."""
    return Cell(NOTHING if missing(value) or value == "" else str(value))


def quantity(value: Any, notes: Iterable[str] = ()) -> Cell:
    """A cell of a whole number with thousands separated."""
    return Cell(count(value), tuple(notes), None if missing(value) else float(value))


def measured(value: Any, digits: int = 3, notes: Iterable[str] = ()) -> Cell:
    """A cell of a number with `digits` decimals."""
    return Cell(number(value, digits), tuple(notes), None if missing(value) else float(value))


def number(value: Any, digits: int = 3) -> str:
    """A number with `digits` decimals, a true minus sign, no negative zero."""
    return NOTHING if missing(value) else f"{round(float(value), digits) + 0.0:.{digits}f}".replace("-", "−")


def compact(value: Any) -> str:
    """A number of a setting: as short as it is exact."""
    return NOTHING if missing(value) else f"{value:g}".replace("-", "−")


def count(value: Any) -> str:
    """A whole number with thousands separated."""
    return NOTHING if missing(value) else f"{int(value):,}"


def interval(low: Any, high: Any, digits: int) -> str:
    """Both ends of an interval; empty where it is unknown."""
    return "" if missing(low) or missing(high) else f"[{number(low, digits)}, {number(high, digits)}]"


def digits_for(low: Any, high: Any) -> int:
    """Decimals that an interval supports: two significant digits of its half width, from two to four decimals."""
    if missing(low) or missing(high) or not high > low:
        return 3
    return min(4, max(2, 1 - math.floor(math.log10((high - low) / 2))))


def missing(value: Any) -> bool:
    """None, NaN and pandas' NA alike; a list is never missing."""
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def plural(value: Any, one: str, many: str) -> str:
    """`1 seed`, `3 seeds`."""
    return f"{count(value)} {one if value == 1 else many}"
