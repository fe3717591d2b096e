"""Ceilings: what a number could reach at most, given the noise in what it is held against; column `ceiling`.

Kendall tau of two methods: sqrt(retest_m retest_n), the mean agreement of each method with itself across the cell's
seeds, by the same class (Spearman 1904: a correlation across noise is at most the root of the product of both
reliabilities). Two methods that explain one trained model share what that seed alone says, so that a tau within runs
may lie above it; one across seeds does not, other than by chance. Null where a mean is negative or not there.

Metrics against evidence: what one annotator reaches against the others (`stages/annotators.py`), mean over annotators
of an example, then over examples and seeds of the class. The truth of planted data reaches what the metric admits. Null
where no example has two annotators.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from attnexplain.statistics.cells import ALL, Row, Run
from attnexplain.statistics.reliability import reliabilities

Key = tuple[str, str]  # metric, class


def with_ceilings(
    rows: Sequence[Row],
    runs: Sequence[Run],
    metrics: Sequence[Mapping[str, Any]],
    between: Sequence[Mapping[str, Any]],
    annotators: pa.Table | None,
) -> Iterator[Row]:
    """The rows of a cell, each with its ceiling or None.

    `annotators`: table `measures` of annotators in the place of methods; None where the study asks for none.
    """
    columns = reliabilities(metrics, between)
    of_metric = {**columns, **{column: column for column in columns.values()}}
    agreement = {(row["metric"], row["method"], row["class"]): row.get("mean") for row in rows if _is_retest(row)}
    people = _people(annotators, runs) if annotators is not None else {}
    for row in rows:
        ceiling = people.get((row["metric"], row["class"]))
        if row["metric"] in of_metric and row["method_b"] is not None:
            pair = [
                agreement.get((of_metric[row["metric"]], row[side], row["class"])) for side in ("method", "method_b")
            ]
            ceiling = attainable(*pair)
        yield {**row, "ceiling": ceiling}


def attainable(first: float | None, second: float | None) -> float | None:
    """sqrt(first second) of two reliabilities; None where one is negative or unknown."""
    if first is None or second is None or first < 0 or second < 0:
        return None
    return float(np.sqrt(first * second))


def _is_retest(row: Row) -> bool:
    return row["method"] is not None and row["method_b"] is None


def _people(annotators: pa.Table, runs: Sequence[Run]) -> dict[Key, float]:
    """Mean over examples and seeds of what annotators reach, by metric and class."""
    table = annotators.select(["example_id", "metric", "value"]).to_pandas()
    reached = table.groupby(["metric", "example_id"])["value"].mean().dropna()
    predicted = pd.concat([run.predictions.select(["example_id", "target"]).to_pandas() for run in runs])
    found: dict[Key, float] = {}
    for metric in reached.index.unique("metric"):
        values = predicted["example_id"].map(reached.loc[metric])
        by_class = values.groupby(predicted["target"]).mean()
        for name, mean in {ALL: values.mean(), **{str(index): by_class[index] for index in by_class.index}}.items():
            if not np.isnan(mean):
                found[(metric, name)] = float(mean)
    return found
