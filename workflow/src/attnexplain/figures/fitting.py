"""What a picture shows of a study that is too large for it: as many models, or data sets, as fit, and a line about it.

Pictures end after about eight pages, some 70 models of most; the csv beside them has the numbers of all models. Of the
models of several data sets the same ones are shown as far as that goes: the data sets take turns, each with its next
model, and begin with models without a regulariser (and their controls), of these with softmax, then with those that
most data sets have; else the order is that of the picture. So what is shown depends on the study alone, not on its
numbers.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from attnexplain.figures.layout import NOTE, POINTS, wrapped
from attnexplain.tables.statistics import CELL

TALLEST = 60.0  # inches that panels may take: 9,600 pixels of the png, to which titles and a legend come
FIRST = "the first in the order of their names"
_TURNS = "of each data set as many, those without a regulariser first"
_ONE_EACH = "one of each data set that there is room for"
_DATASET = ["dataset", "limits"]
_MODEL = [name for name in CELL if name not in _DATASET]


@dataclass(frozen=True)
class Models:
    """The models that a picture shows, of `total`; `rows`: what names each, the columns of a cell among it."""

    rows: pd.DataFrame
    total: int
    rule: str  # in words

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table whose models are shown."""
        if len(self.rows) == self.total:
            return table
        keys = list(self.rows.columns)
        return table[pd.MultiIndex.from_frame(table[keys]).isin(pd.MultiIndex.from_frame(self.rows))]

    def say(self, figure: Figure) -> None:
        """Write above the panels which models are shown, where not all are."""
        say(figure, part(len(self.rows), self.total, "models", self.rule))


def models(table: pd.DataFrame, keys: Sequence[str], height: Callable[[pd.DataFrame], float]) -> Models:
    """The models of a table that fit. `keys`: the columns that name one (those of a cell among them); `height`: inches
    that the panels of some models take, which grow with the models.
    """
    rows = table[list(keys)].drop_duplicates().reset_index(drop=True)
    turns = _turns(rows)
    n = fitting(len(rows), lambda some: height(rows.loc[sorted(turns.index[:some])]))
    whole = int((turns < turns.iloc[n]).sum()) if n < len(rows) else 0
    kept = turns.index[: whole or n]
    return Models(rows.loc[sorted(kept)].reset_index(drop=True), len(rows), _TURNS if whole else _ONE_EACH)


def fitting(n: int, height: Callable[[int], float]) -> int:
    """How many of `n`, at least one, fit; `height`: inches of the first so many, which grow with their number."""
    if n < 2 or height(n) <= TALLEST:
        return n
    return max(1, bisect_right(range(1, n), TALLEST, key=height))


def part(shown: int, total: int, what: str, rule: str) -> str:
    """How many of `total` are shown and by which `rule`; nothing where all are."""
    return "" if shown == total else f"{shown:,} of {total:,} {what}, {rule}"


def sentence(*parts: str) -> str:
    """What a picture says of its `part`s; nothing where it shows all."""
    said = [words for words in parts if words]
    return f"Shown: {'; '.join(said)}. The CSV has all." if said else ""


def say(figure: Figure, *parts: str) -> None:
    """Write the sentence of `part`s above the panels of a figure that has a layout; nothing where it shows all."""
    said = sentence(*parts)
    if not said:
        return
    text = wrapped(said, figure.get_figwidth() - 0.2, NOTE)
    figure.set_figheight(figure.get_figheight() + (text.count("\n") + 1) * 1.4 * NOTE / POINTS + 0.05)
    figure.suptitle(text, x=0.1 / figure.get_figwidth(), ha="left", fontsize=NOTE)


def _turns(rows: pd.DataFrame) -> pd.Series:
    """The turn of each row, by its label, in the order in which rows are taken."""
    shared = rows[_DATASET].agg("\n".join, axis=1).groupby([rows[name] for name in _MODEL]).transform("nunique")
    departs = {"remedied": rows["regulariser"] != "none", "normalised": rows["normaliser"] != "softmax"}
    order = rows.assign(**departs, alone=-shared, place=range(len(rows)))
    order = order.sort_values([*departs, "alone", "place"])
    return order.groupby(_DATASET).cumcount().sort_values(kind="stable")
