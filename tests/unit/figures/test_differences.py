"""Curves of the differences of two agreements, with the numbers that statistics give."""

import numpy as np
import pandas as pd

import report_tables as tables
from attnexplain.figures.differences import COLUMNS, KEYS, POINTS, SUMMARY, curves
from attnexplain.statistics.agreement_differences import differences


def _differences(texts: int = 30) -> pd.DataFrame:
    whole = tables.measures_table(texts)
    one = tables.cell("sst", "bilstm", "additive")
    return differences(whole[(whole[list(one)] == pd.Series(one)).all(axis=1)], 0.95)


def test_the_curve_is_a_density_over_all_seeds() -> None:
    found = curves(_differences())
    assert len(found) == 2 * POINTS and list(found) == COLUMNS
    for _, curve in found.groupby("minus_b"):
        assert abs(np.trapezoid(curve["density"], curve["x"]) - 1) < 0.01


def test_means_and_intervals_are_those_of_the_table() -> None:
    table = _differences()
    found = curves(table.sample(frac=1, random_state=0))
    both = (rows[[*KEYS, *SUMMARY]].drop_duplicates().reset_index(drop=True) for rows in (found, table))
    first, second = (rows.sort_values(KEYS, ignore_index=True) for rows in both)
    pd.testing.assert_frame_equal(first, second, check_dtype=False)


def test_values_that_are_all_undefined_have_one_row_without_a_place() -> None:
    found = curves(_differences(8).assign(value=np.nan))
    assert len(found) == 2 and found[["x", "density"]].isna().all(axis=None)
    assert curves(_differences(8).iloc[:0]).empty
