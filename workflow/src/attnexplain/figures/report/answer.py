"""The answer of a study: accuracy, agreement of attention, and evidence found, one row per cell."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from attnexplain.figures.cells import (
    dataset_name,
    inside_sentence,
    measure_name,
    model_name,
    of_metric,
    of_pairs,
    pair_name,
    sort_cells,
)
from attnexplain.figures.report.grid import Cell, Grid, digits_for, interval, measured, missing, number, plural, words
from attnexplain.figures.style import Style
from attnexplain.identifiers import base_name
from attnexplain.tables.statistics import CELL

NAMES = ["Data set", "Model", "Control"]


def answer(statistics: pd.DataFrame, style: Style) -> Grid:
    """Accuracy, tau of attention with gradient and leave-one-out, and attention's evidence AUPRC of every cell."""
    table = statistics[statistics["class"] == "all"]
    evidence = of_metric(table, "evidence-auprc")
    evidence = evidence[evidence["method"].fillna("").map(base_name) == "attention"]
    wanted = pd.concat([of_metric(table, "accuracy"), of_pairs(of_metric(table, "kendall-tau")), evidence])
    names = [measure_name(row, style) for _, row in wanted.iterrows()]
    return pivot(wanted, names, style, published_by_class(statistics))


def evidence(statistics: pd.DataFrame, style: Style) -> Grid:
    """Evidence AUPRC of every method, for the cells whose data set has evidence."""
    found = of_metric(statistics[statistics["class"] == "all"], "evidence-auprc")
    one_metric = found["metric"].nunique() == 1
    names = [
        style.label(row["method"]) if one_metric and not missing(row["method"]) else measure_name(row, style)
        for _, row in found.iterrows()
    ]
    return pivot(found, names, style)


def published_by_class(statistics: pd.DataFrame) -> dict[tuple[Any, ...], list[str]]:
    """Published numbers of single predicted classes, as notes of the row of all classes (`_key`)."""
    notes: dict[tuple[Any, ...], list[str]] = {}
    rows = statistics[(statistics["class"] != "all") & statistics["published"].notna()]
    for _, row in rows.sort_values("class", kind="stable").iterrows():
        notes.setdefault(_key(row), []).append(f"published {number(row['published'], 2)} (class {row['class']})")
    return notes


def pivot(
    statistics: pd.DataFrame,
    names: list[str],
    style: Style,
    notes: Mapping[tuple[Any, ...], list[str]] = MappingProxyType({}),
) -> Grid:
    """A row per cell, a column per name, in the order in which they first occur; `names` has one for each row."""
    columns = list(dict.fromkeys(names))
    cells = sort_cells(statistics[list(CELL)].drop_duplicates())
    found = {
        (tuple(row[list(CELL)]), name): statistic(row, notes.get(_key(row), ()))
        for name, (_, row) in zip(names, statistics.iterrows(), strict=True)
    }
    rows = [
        [*cell_names(row, style), *(found.get((tuple(row[list(CELL)]), name), words(None)) for name in columns)]
        for _, row in cells.iterrows()
    ]
    return Grid([*NAMES, *columns], rows, frozenset(columns))


def statistic(row: pd.Series, more: Iterable[str] = ()) -> Cell:
    """A mean with its interval; below it n, undefined values, null range, published number and `more`."""
    digits = digits_for(row["ci_low"], row["ci_high"])
    if missing(row["mean"]):
        return Cell("–", (row["missing_reason"] if not missing(row["missing_reason"]) else "undefined", *_size(row)))
    notes = [interval(row["ci_low"], row["ci_high"], digits), *_size(row)]
    if not missing(row["null_low"]):
        notes.append(f"chance {number(row['null_low'], digits)} to {number(row['null_high'], digits)}")
    if not missing(row["published"]):
        notes.append(f"published {number(row['published'], 2)}")
    return measured(row["mean"], digits, [note for note in [*notes, *more] if note])


def _key(row: pd.Series) -> tuple[Any, ...]:
    return tuple("" if missing(row[name]) else row[name] for name in (*CELL, "metric", "method", "method_b"))


def cell_names(row: pd.Series, style: Style) -> list[Cell]:
    """The first columns of a table whose rows are cells."""
    control = NOT_A_CONTROL if row["control"] == "none" else style.label(row["control"])
    return [Cell(dataset_name(row, style)), Cell(model_name(row, style)), Cell(control)]


def sentences(statistics: pd.DataFrame, style: Style) -> list[str]:
    """One sentence per data set and pair: between which values the trained models' mean tau lies."""
    table = of_pairs(of_metric(statistics[statistics["class"] == "all"], "kendall-tau"))
    table = table[(table["control"] == "none") & table["mean"].notna()]
    groups = sort_cells(table).groupby(["dataset", "limits", "metric", "method", "method_b"], sort=False)
    return [_sentence(group, style) for _, group in groups]


NOT_A_CONTROL = "none"


def _sentence(group: pd.DataFrame, style: Style) -> str:
    low, high = (group.iloc[int(place)] for place in (group["mean"].argmin(), group["mean"].argmax()))
    start = f"{dataset_name(low, style)}, {inside_sentence(pair_name(low, style))}: mean τ "
    chance = _chance(group)
    if len(group) == 1:
        return f"{start}{_with_interval(low)} ({model_name(low, style)}){chance}."
    lowest, highest = (f"{_with_interval(row)} ({model_name(row, style)})" for row in (low, high))
    return f"{start}from {lowest} to {highest} over {len(group)} models{chance}."


def _chance(group: pd.DataFrame) -> str:
    low, high = group["null_low"].min(), group["null_high"].max()
    return "" if missing(low) else f"; chance alone gives {number(low, 2)} to {number(high, 2)}"


def _with_interval(row: pd.Series) -> str:
    digits = digits_for(row["ci_low"], row["ci_high"])
    return f"{number(row['mean'], digits)} {interval(row['ci_low'], row['ci_high'], digits)}".strip()


def _size(row: pd.Series) -> list[str]:
    size = f"n = {row['n_examples']:,}, {plural(row['n_seeds'], 'seed', 'seeds')}"
    undefined = [f"{row['n_undefined']:,} undefined"] if row["n_undefined"] else []
    kind = ["examples-only interval"] if row["ci_kind"] == "examples-only" else []
    return [size, *undefined, *kind]
