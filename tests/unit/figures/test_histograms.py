"""Histograms by class. Expected numbers: counted by a loop, and moments of simulated permutations."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import report_tables as tables
from attnexplain.figures.histograms import EDGES, histograms

_PAIR = {"method": "attention", "method_b": "gradient", "metric": "kendall-tau"}


def _measures(values: list[float | None], classes: list[str], **columns: object) -> pd.DataFrame:
    about = {**tables.cell("sst", "bilstm", "additive"), **_PAIR, "seed": 1, "null_mean": 0.0, "null_std": 0.2}
    frame = pd.DataFrame({"value": values, "class": classes, "class_name": [f"name {name}" for name in classes]})
    return frame.assign(**{**about, **columns})


def test_bins_are_counted_as_a_loop_counts_them_and_each_class_sums_to_one() -> None:
    values = [-1.0, -0.99, 0.0, 0.01, 0.5, 1.0, None]
    found = histograms(_measures(values, ["0"] * 7), tables.statistics_table(), 0.95)
    expected = [
        sum(low <= v < high or (v == high == 1.0) for v in values if v is not None) / 6 for low, high in pairwise(EDGES)
    ]
    assert found["fraction"].tolist() == pytest.approx(expected)
    assert (found["n"].unique().tolist(), found["n_undefined"].unique().tolist()) == ([6], [1])


def test_class_means_are_those_of_the_statistics_table() -> None:
    statistics = tables.statistics_table()
    found = histograms(_measures([0.1, 0.2], ["0", "1"]), statistics, 0.95)
    cell = {**tables.cell("sst", "bilstm", "additive"), **_PAIR}
    rows = statistics[(statistics[list(cell)] == pd.Series(cell)).all(axis=1)].set_index("class")["mean"]
    assert found.groupby("class")["mean"].first().to_dict() == {"0": rows["0"], "1": rows["1"]}


def test_the_shaded_range_holds_the_wanted_share_of_permuted_texts() -> None:
    rng = np.random.default_rng(0)
    means, stds = rng.normal(0, 0.05, 2000), rng.uniform(0.15, 0.2, 2000)
    frame = _measures([0.0] * 2000, ["0"] * 2000, null_mean=means, null_std=stds)
    found = histograms(frame, tables.statistics_table(), 0.9).iloc[0]
    permuted = rng.normal(means, stds)
    assert ((permuted > found["null_low"]) & (permuted < found["null_high"])).mean() == pytest.approx(0.9, abs=0.02)


def test_all_undefined_is_kept_and_counted() -> None:
    found = histograms(_measures([None, None], ["0", "0"]), tables.statistics_table(), 0.95)
    assert found["fraction"].sum() == 0 and found["n_undefined"].iloc[0] == 2 and found["null_low"].isna().all()


def test_many_classes_are_drawn_as_the_five_largest_and_the_rest_together() -> None:
    classes = [str(index) for index in range(9) for _ in range(20 - index)]
    found = histograms(_measures([0.0] * len(classes), classes), tables.statistics_table(), 0.95)
    names = found.drop_duplicates("class").set_index("class_name")["n"]
    assert set(names.index) == {"name 0", "name 1", "name 2", "name 3", "name 4", "4 other classes"}
    assert names.sum() == len(classes)
