"""Violins by bins of the largest weight. Expected: bins by comparisons, quartiles by pandas, limits of the table."""

import numpy as np
import pandas as pd
import pytest

import report_tables as tables
from attnexplain import registry
from attnexplain.figures.violins import EDGES, POINTS, violins

ONE = {**tables.cell("sst", "bilstm", "additive"), "experiment": "permutation"}
NO_STATISTICS = tables.statistics_table().iloc[:0]


def _texts(values: list[float], weights: list[float], **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"value": values, "max_attention": weights})
    frame["example_id"] = [f"test-{i}" for i in range(len(frame))]
    about = {**ONE, "seed": 1, "class": "0", "class_name": "negative", "is_bound": False}
    return frame.assign(**{**about, **columns})


def _random(n: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    classes = rng.integers(0, 2, n).astype(str)
    seeds = np.repeat([1, 2], n // 2)
    return _texts(rng.random(n).tolist(), rng.random(n).tolist(), **{"class": classes, "seed": seeds})


@pytest.mark.parametrize(
    ("experiment", "columns"),
    [("permutation", ["tvd_median"]), ("adversary", ["jsd_max"]), ("adversary-exact", ["jsd_max", "jsd_found"])],
)
def test_bins_are_those_that_the_statistics_are_asked_for(experiment: str, columns: list[str]) -> None:
    asked = registry.facts("experiment", experiment)["by"]
    assert asked == {"column": "max_attention", "edges": list(EDGES), "of": columns}


def test_bins_are_closed_on_the_left_and_the_last_on_the_right_too() -> None:
    weights = [0.0, 0.2499, 0.25, 0.5, 0.7499, 0.75, 1.0, 1.0000001]
    found = violins(_texts([0.1 * i for i in range(8)], weights), NO_STATISTICS, ["tvd_median"])
    n = found.drop_duplicates("bin").set_index("bin")["n"].to_dict()
    assert n == {"0-0.25": 2, "0.25-0.5": 1, "0.5-0.75": 2, "0.75-1": 3}


def test_quartiles_and_counts_are_those_of_pandas_by_hand() -> None:
    texts = _random()
    found = violins(texts.sample(frac=1, random_state=2), NO_STATISTICS, ["tvd_median"])
    lanes = found.drop_duplicates(["bin", "class"]).set_index(["bin", "class"])
    for (low, high), name in zip(((0.25, 0.5), (0.75, 1.01)), ("0.25-0.5", "0.75-1"), strict=True):
        for number in ("0", "1"):
            inside = (texts["max_attention"] >= low) & (texts["max_attention"] < high) & (texts["class"] == number)
            value = texts.loc[inside, "value"]
            row = lanes.loc[(name, number)]
            expected = [value.quantile(0.25), value.median(), value.quantile(0.75)]
            assert row[["q25", "median", "q75"]].tolist() == pytest.approx(expected)
            assert (row["n"], row["n_seeds"]) == (len(value), texts.loc[inside, "seed"].nunique())


def test_no_density_lies_outside_the_data() -> None:
    texts = _random()
    found = violins(texts, NO_STATISTICS, ["tvd_median"])
    whole = found[found["density"].notna()]
    assert len(whole) == POINTS * whole.groupby(["bin", "class"]).ngroups
    inside = texts[(texts["max_attention"] < 0.25) & (texts["class"] == "0")]["value"]
    lane = whole[(whole["bin"] == "0-0.25") & (whole["class"] == "0")]
    assert (lane["x"].min(), lane["x"].max()) == (inside.min(), inside.max())


def test_few_or_equal_texts_are_points() -> None:
    few = violins(_texts([0.3, 0.1, 0.2, 0.1], [0.1] * 4), NO_STATISTICS, ["tvd_median"])
    assert few["x"].tolist() == [0.1, 0.2, 0.3] and few["density"].isna().all() and few["n"].tolist() == [4, 4, 4]
    equal = violins(_texts([0.5] * 9, [0.1] * 9), NO_STATISTICS, ["tvd_median"])
    assert equal["x"].tolist() == [0.5] and equal["median"].tolist() == [0.5]


def test_undefined_values_are_left_out() -> None:
    assert violins(_texts([np.nan], [0.1]), NO_STATISTICS, ["tvd_median"]).empty
    assert violins(_texts([0.1], [np.nan]), NO_STATISTICS, ["tvd_median"]).empty


def test_the_interval_is_that_of_the_statistics_row_of_cell_class_and_bin() -> None:
    found = violins(_random(), tables.statistics_table(), ["tvd_median"]).drop_duplicates(["bin", "class"])
    limits = found.set_index("bin")[["ci_low", "ci_high"]]
    assert limits.loc["0.25-0.5"].drop_duplicates().to_numpy().tolist() == [[pytest.approx(0.18), pytest.approx(0.22)]]
    assert limits.loc["0.75-1"].isna().all(axis=None), "the table has no such row"
    other = violins(_random().assign(encoder="gru"), tables.statistics_table(), ["tvd_median"])
    assert other["ci_low"].isna().all()


def test_of_bounds_the_interval_is_never_that_of_another_column() -> None:
    statistics = tables.statistics_table()
    statistics["metric"] = statistics["metric"].str.replace("permutation:tvd_median", "permutation:second")
    columns = ["first", "second"]
    assert violins(_random(), statistics, columns)["ci_low"].notna().any()
    assert violins(_random().assign(is_bound=True), statistics, columns)["ci_low"].isna().all()
