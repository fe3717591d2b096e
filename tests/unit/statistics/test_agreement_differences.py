"""Differences of two agreements. Expected: texts joined by a loop, and the interval that statistics give."""

import numpy as np
import pandas as pd
import pytest

import report_tables as tables
from attnexplain.statistics.agreement_differences import KEYS, differences
from attnexplain.statistics.intervals.two_way import interval

ONE = tables.cell("sst", "bilstm", "additive")


def _measures(texts: int = 30) -> pd.DataFrame:
    whole = tables.measures_table(texts)
    return whole[(whole[list(ONE)] == pd.Series(ONE)).all(axis=1)]


def _by_loop(measures: pd.DataFrame, minus: tuple[str, str]) -> list[tuple[int, str, float]]:
    value = {(r.seed, r.example_id, r.method, r.method_b): r.value for r in measures.itertuples()}
    keys = sorted({key[:2] for key in value})
    found = [(*key, value[(*key, "gradient", "leave-one-out")] - value[(*key, *minus)]) for key in keys]
    return [row for row in found if not np.isnan(row[2])]


@pytest.mark.parametrize("minus", [("attention", "leave-one-out"), ("attention", "gradient")], ids=" ".join)
def test_means_counts_and_intervals_are_those_of_texts_joined_by_hand(minus: tuple[str, str]) -> None:
    measures = _measures()
    rows = _by_loop(measures, minus)
    found = differences(measures.sample(frac=1, random_state=1), 0.9)
    found = found[found["minus_b"] == minus[1]]
    seed, example, value = (np.array(column) for column in zip(*rows, strict=True))
    limits = interval(value, seed, example, 0.9)
    first = found.iloc[0]
    assert sorted(found["value"].dropna()) == pytest.approx(sorted(value), abs=1e-12)
    assert first["mean"] == pytest.approx(value.mean(), abs=1e-12)
    assert (first["ci_low"], first["ci_high"]) == pytest.approx((limits.low, limits.high), abs=1e-12)
    assert first["ci_kind"] == "two-way"
    assert (first["n_examples"], first["n_seeds"]) == (len(set(example)), 3)
    assert first["n_undefined"] == 30 * 3 - len(rows) > 0


def test_variants_of_metric_and_method_are_kept_apart_and_compared_with_their_own() -> None:
    measures = _measures(12)
    ids = {"gradient": "gradient-3fa94c"}
    variant = measures.assign(method=measures["method"].replace(ids), method_b=measures["method_b"].replace(ids))
    signed = measures.assign(metric="kendall-tau-aaaaaa")
    # The pair without gradient is there once.
    variant = variant[(variant[["method", "method_b"]] == "gradient-3fa94c").any(axis=1)]
    found = differences(pd.concat([measures, variant, signed]), 0.95).drop_duplicates(KEYS[7:])
    both = found[["metric", "method", "minus", "minus_b"]].apply(tuple, axis=1).tolist()
    assert sorted(both) == [
        ("kendall-tau", "gradient", "attention", "gradient"),
        ("kendall-tau", "gradient", "attention", "leave-one-out"),
        ("kendall-tau", "gradient-3fa94c", "attention", "gradient-3fa94c"),
        ("kendall-tau", "gradient-3fa94c", "attention", "leave-one-out"),
        ("kendall-tau-aaaaaa", "gradient", "attention", "gradient"),
        ("kendall-tau-aaaaaa", "gradient", "attention", "leave-one-out"),
    ]


def test_without_leave_one_out_there_is_nothing() -> None:
    measures = _measures()
    assert differences(measures[measures["method_b"] == "gradient"], 0.95).empty
    assert differences(measures.iloc[:0], 0.95).empty


def test_values_that_are_all_undefined_are_counted() -> None:
    found = differences(_measures(8).assign(value=np.nan), 0.95)
    assert found.drop_duplicates(KEYS)["n_undefined"].tolist() == [24, 24]
    assert found[["value", "mean", "ci_low"]].isna().all(axis=None)
