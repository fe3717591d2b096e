"""Differences between two agreements of the same text, their mean and its interval.

Jain & Wallace (2019), figures 3 and 4: how much better gradient and leave-one-out agree with each other than attention
agrees with either of them.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from attnexplain.identifiers import base_name
from attnexplain.statistics.intervals.two_way import interval
from attnexplain.tables.statistics import CELL

ATTENTION, GRADIENT, LEFT_OUT = "attention", "gradient", "leave-one-out"
PAIRS = ((GRADIENT, LEFT_OUT), (ATTENTION, LEFT_OUT), (ATTENTION, GRADIENT))
# Pairs (first, second) of which the difference first - second is taken.
DIFFERENCES = ((PAIRS[0], PAIRS[1]), (PAIRS[0], PAIRS[2]))
KEYS = [*CELL, "metric", "method", "method_b", "minus", "minus_b"]
SUMMARY = ["mean", "ci_low", "ci_high", "ci_kind", "n_examples", "n_undefined", "n_seeds"]
COLUMNS = [*KEYS, "seed", "example_id", "value", *SUMMARY]


def differences(measures: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """One row per cell, difference, seed and text, with what all of its texts give repeated (`COLUMNS`).

    The mean is over texts x seeds with both agreements defined; its interval is that of `statistics/intervals`. The
    order of `measures` does not matter.
    """
    if measures.empty:
        return pd.DataFrame(columns=COLUMNS)
    found = [
        values.assign(**about, **dict(zip(CELL, map(str, cell), strict=True)), **summary(values, confidence))[COLUMNS]
        for cell, group in measures.groupby(list(CELL), sort=True)
        for about, values in _differences(group)
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)


def _differences(group: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    """(names, table of difference, seed and example) of every metric and variants of the methods of one cell."""
    text = ["seed", "example_id"]
    pairs = {
        (str(metric), str(a), str(b)): rows.set_index(text)["value"]
        for (metric, a, b), rows in group.groupby(["metric", "method", "method_b"])
    }
    for metric, (first, second) in product(sorted({key[0] for key in pairs}), DIFFERENCES):
        for a, b in product(_variants(pairs, metric, first), _variants(pairs, metric, second)):
            shared = set(a) & set(b)
            if _same_plug_in(first, second) not in {base_name(one) for one in shared}:
                continue  # two variants of the method that both agreements are with
            values = (pairs[metric, *a] - pairs[metric, *b]).sort_index().rename("value").reset_index()
            yield dict(zip(KEYS[len(CELL) :], (metric, *a, *b), strict=True)), values


def _same_plug_in(first: tuple[str, str], second: tuple[str, str]) -> str:
    return next(name for name in first if name in second)


def _variants(
    pairs: dict[tuple[str, str, str], pd.Series], metric: str, wanted: tuple[str, str]
) -> list[tuple[str, str]]:
    """Ids of the methods of a metric's pairs that are `wanted`, variants with other options included."""
    names = [(a, b) for of, a, b in pairs if of == metric]
    return sorted(pair for pair in names if sorted(map(base_name, pair)) == sorted(wanted))


def summary(values: pd.DataFrame, confidence: float) -> dict[str, Any]:
    """Mean of the defined values with its interval and counts (`SUMMARY`); columns value, seed and example_id."""
    defined = values.dropna(subset=["value"])
    number = defined["value"].to_numpy(float)
    limits = interval(number, defined["seed"].to_numpy(), defined["example_id"].to_numpy(), confidence)
    return {
        "mean": float(number.mean()) if len(number) else np.nan,
        "ci_low": limits.low,
        "ci_high": limits.high,
        "ci_kind": limits.kind,
        "n_examples": defined["example_id"].nunique(),
        "n_undefined": len(values) - len(defined),
        "n_seeds": defined["seed"].nunique(),
    }
