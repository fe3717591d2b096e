"""Densities over texts of the differences between two agreements; means and intervals are the table's."""

import numpy as np
import pandas as pd

from attnexplain.figures.densities import density, has_density
from attnexplain.tables.statistics import CELL

KEYS = [*CELL, "metric", "method", "method_b", "minus", "minus_b"]
SUMMARY = ["mean", "ci_low", "ci_high", "ci_kind", "n_examples", "n_undefined", "n_seeds"]
COLUMNS = [*KEYS, "x", "density", *SUMMARY]
POINTS = 101
_CUT = 3.0  # bandwidths beyond the data: the tails are shown
_LIMITS = (-2.0, 2.0)  # of a difference of two tau


def curves(differences: pd.DataFrame) -> pd.DataFrame:
    """One row per cell, difference and place of its density (`COLUMNS`); seeds are pooled, classes too.

    Where no density can be drawn there is one row, without a place. The order of `differences` does not matter.
    """
    groups = differences.groupby(KEYS, sort=True) if len(differences) else ()
    found = [_curve(group) for _, group in groups]
    # As published, what is less the agreement with leave-one-out comes before what is less that with gradient.
    return pd.concat(found[::-1], ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)


def _curve(group: pd.DataFrame) -> pd.DataFrame:
    ordered = group.sort_values(["seed", "example_id"], kind="stable")
    number = ordered["value"].dropna().to_numpy(float)
    x, height = np.array([np.nan]), np.array([np.nan])
    if has_density(number):
        x, height = density(number, POINTS, cut=_CUT, limits=_LIMITS)
    curve, first = pd.DataFrame({"x": x, "density": height}), group.iloc[0]
    for name in (*KEYS, *SUMMARY):
        curve[name] = first[name]
    return curve[COLUMNS]
