"""The table `statistics` laid out wide: a row per cell of the study, a column per metric and its methods.

Class `all` alone: rows of single classes stay in the long table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attnexplain.classification import METRICS
from attnexplain.errors import ResultError
from attnexplain.figures.report.grid import missing
from attnexplain.identifiers import base_name
from attnexplain.tables.statistics import CELL

Row = Mapping[str, Any]
Axes = tuple[str, ...]  # what a cell is on each axis of CELL
PERFORMANCE = "performance"
NOT_COMPUTED, NO_TEXT = "not computed for this model", "no text of this model lies in the bin"
_ORDER = ("dataset", "limits", "control", "encoder", "attention", "normaliser", "regulariser")


@dataclass(frozen=True)
class Measure:
    """What a column holds: a metric of no method, of one, or of a pair."""

    metric: str
    method: str | None = None
    method_b: str | None = None

    @property
    def name(self) -> str:
        """`accuracy`, `evidence-auprc/gradient`, `kendall-tau/attention/gradient`: identifiers hold no slash."""
        return "/".join(part for part in (self.metric, self.method, self.method_b) if part)

    @property
    def group(self) -> str:
        """What stands in one table for people: performance, a metric, or the columns of an experiment."""
        if self.metric in METRICS:
            return PERFORMANCE
        return self.metric if self.method_b else self.metric.partition(":")[0]

    @property
    def of_bin(self) -> bool:
        """Whether it is a quartile of the texts of a bin, `<experiment>:<column>:<quartile>:<bin>`."""
        return self.metric.count(":") == 3

    @property
    def with_attention(self) -> bool:
        """Whether it is a pair of attention with another method."""
        return self.method_b is not None and "attention" in map(base_name, (self.method or "", self.method_b))


@dataclass(frozen=True)
class Wide:
    """Cells and measures in the order in which they are shown, and the row of `statistics` of each two."""

    cells: list[Axes]
    measures: list[Measure]
    rows: Mapping[tuple[Axes, Measure], Row]

    def row(self, cell: Axes, measure: Measure) -> Row:
        """The row of a cell and a measure; one that the study does not compute has its reason alone."""
        return self.rows.get((cell, measure), {"missing_reason": NO_TEXT if measure.of_bin else NOT_COMPUTED})


def wide(statistics: pd.DataFrame) -> Wide:
    """Lay the table `statistics` out; a cell that has two rows of one measure is an error."""
    found: dict[tuple[Axes, Measure], Row] = {}
    for record in statistics[statistics["class"] == "all"].to_dict("records"):
        row: dict[str, Any] = {str(name): None if missing(value) else value for name, value in record.items()}
        key = tuple(row[axis] for axis in CELL), Measure(row["metric"], row["method"], row["method_b"])
        if key in found:
            raise ResultError(f"table 'statistics' has two rows of {key[1].name} for {', '.join(key[0])}")
        found[key] = row
    return Wide(_cells(cell for cell, _ in found), _measures(measure for _, measure in found), found)


def _cells(cells: Iterable[Axes]) -> list[Axes]:
    """Data sets in turn; in each trained models, then controls; encoders and attentions alphabetically."""

    def order(cell: Axes) -> tuple[tuple[bool, str], ...]:
        named = dict(zip(CELL, cell, strict=True))
        return tuple((named[axis] != "none", named[axis]) for axis in _ORDER)

    return sorted(set(cells), key=order)


def _measures(measures: Iterable[Measure]) -> list[Measure]:
    """Performance first, then metrics by name; pairs with attention before the other pairs."""

    def order(one: Measure) -> tuple[Any, ...]:
        return (one.group != PERFORMANCE, one.group, not one.with_attention, one.name)

    return sorted(set(measures), key=order)
