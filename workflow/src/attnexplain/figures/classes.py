"""Predicted classes as a panel shows them: one after the other, and of many the rare ones together."""

import pandas as pd

from attnexplain.tables.statistics import CELL

LARGEST = 5  # classes with a place of their own; the rest share one
OTHER = "other"


def by_class(group: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    """(class, name, rows) of the predicted classes, in order; of more than six, the rarest are put together.

    Of two columns, `class` and `class_name`, the texts of one panel.
    """
    sizes = group["class"].value_counts()
    if len(sizes) > LARGEST + 1:
        rest = ~group["class"].isin(_most_frequent(sizes))
        names = group["class_name"].where(~rest, f"{int(rest.groupby(group['class']).any().sum())} other classes")
        group = group.assign(class_name=names, **{"class": group["class"].where(~rest, OTHER)})
    return [(str(name), str(rows["class_name"].iloc[0]), rows) for name, rows in group.groupby("class", sort=True)]


def _most_frequent(sizes: pd.Series) -> list[str]:
    """The most frequent classes; ties in the order of their names, so that the choice is stable."""
    order = sorted(sizes.index, key=lambda name: (-sizes[name], name))
    return order[:LARGEST]


def classes_of_cells(plotted: pd.DataFrame) -> dict[tuple[str, ...], list[str]]:
    """The classes that the panels of each cell keep a place for, in order: all that any model of the data set predicts,
    so that one class is alike in all of them; its own where together they are too many.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for _, rows in plotted.groupby(["dataset", "limits"], sort=False):
        together = sorted(set(rows["class"]))
        for cell, own in rows.groupby(list(CELL), sort=False):
            found[tuple(map(str, cell))] = together if len(together) <= LARGEST + 1 else sorted(set(own["class"]))
    return found
