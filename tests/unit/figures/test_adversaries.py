"""What figures show of the adversaries. Expected values are written out by hand."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import report_tables as tables
from attnexplain.figures.adversaries import adversaries, experiment_names, margins
from attnexplain.figures.adversary_histograms import EDGES, histograms, pairs
from attnexplain.figures.style import Style

ONE = {**tables.cell("sst", "bilstm", "additive"), "seed": 1, "class": "0", "class_name": "negative"}


def _experiments(rows: list[tuple[str, float, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["experiment", "jsd_max", "jsd_found", "is_exact"])
    return frame.assign(**ONE, example_id=[f"test-{i}" for i in range(len(frame))], max_attention=0.5)


def test_of_a_bound_what_was_found_is_shown() -> None:
    rows = [("adversary", 0.4, np.nan, 0), ("adversary-exact-77aa00", 0.6, 0.6, 1), ("adversary-exact", 0.69, 0.5, 0)]
    found = adversaries(_experiments([*rows, ("permutation", 0.1, 0.1, 1)]))
    assert found["value"].tolist() == [0.4, 0.6, 0.5]
    assert found["kind"].tolist() == ["search", "exact", "found"]


def test_a_bound_without_anything_found_is_undefined() -> None:
    found = adversaries(_experiments([("adversary-exact", 0.69, np.nan, 0)]))
    assert found["value"].isna().all()
    bars = histograms(pd.concat([found, adversaries(_experiments([("adversary-exact", 0.6, 0.6, 1)]))]))
    assert bars[["n", "n_undefined"]].drop_duplicates().to_numpy().tolist() == [[1, 1]]


def test_bins_are_counted_as_a_loop_counts_them_and_a_class_sums_to_one_over_its_kinds() -> None:
    values = [0.0, 0.01, 0.35, 0.6, float(np.log(2)), 0.69]
    rows = [("adversary-exact", value, value, i % 2) for i, value in enumerate(values)]
    bars = histograms(adversaries(_experiments(rows)))
    assert len(bars) == 80 and bars["fraction"].sum() == pytest.approx(1)
    exact = bars[bars["kind"] == "exact"]["fraction"].tolist()
    expected = [sum(low <= v < high for v in values[1::2]) / 6 for low, high in pairwise(EDGES)]
    assert exact == pytest.approx(expected)
    assert bars["mean"].unique() == pytest.approx([np.mean(values)])


def test_margins_are_those_of_the_options_in_the_table() -> None:
    assert margins(tables.statistics_table()) == {"adversary-2c1f9a": 0.05, "adversary-exact-77aa00": 0.05}
    assert margins(tables.statistics_table().iloc[:0]) == {}


def test_names_tell_variants_apart_by_margin_and_else_by_digest() -> None:
    ids = ["adversary-exact-000001", "adversary-000002", "adversary-000003", "adversary-exact"]
    found = experiment_names(ids, {"adversary-exact-000001": 0.05, "adversary-exact": 0.01}, Style())
    assert found == {
        "adversary-000002": "Adversary, searched (000002)",
        "adversary-000003": "Adversary, searched (000003)",
        "adversary-exact-000001": "Adversary, exact, TVD ≤ 0.05",
        "adversary-exact": "Adversary, exact, TVD ≤ 0.01",
    }
    assert list(found)[2:] == ["adversary-exact-000001", "adversary-exact"]


def test_a_search_stands_over_the_answer_at_its_own_margin_only() -> None:
    ids = ["adversary-exact-000001", "adversary-exact-000002", "adversary-000003", "adversary-000004"]
    known = dict(zip(ids, (0.05, 0.01, 0.05, 0.2), strict=True))
    assert list(pairs(ids, known)) == [
        ("adversary-000004", None),
        ("adversary-000003", "adversary-exact-000001"),
        (None, "adversary-exact-000002"),
    ]
