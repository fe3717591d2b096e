"""McNemar's exact test. Expected numbers: hand-made tables, binomial sums in whole numbers, and simulated null."""

from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import mcnemar as of_statsmodels

from attnexplain.registry import facts, targets
from attnexplain.stages import statistics
from attnexplain.statistics.mcnemar import mcnemar, together
from measured_runs import PROVENANCE, SETTINGS, plugins, spec, write_experiment, write_run

ERASURE = {
    "name": "erasure",
    "id": "erasure-1a2b3c",
    "options": {"draws": 3},
    "mcnemar": ["flip_difference_first"],
    "nulls": {"flip_difference": 0.0},
}


@pytest.mark.parametrize("name", sorted(targets("experiment")))
def test_columns_that_an_experiment_asks_tests_of_are_its_own(name):
    assert set(facts("experiment", name).get("mcnemar", ())) <= set(facts("experiment", name)["columns"])


@pytest.mark.parametrize(("first", "second"), [(1, 0), (8, 2), (2, 8), (5, 5), (13, 4), (0, 7)])
def test_p_value_is_a_binomial_sum_and_that_of_statsmodels(first, second):
    n, less = first + second, min(first, second)
    tail = sum(Fraction(comb(n, k), 2**n) for k in range(less + 1))
    assert mcnemar(first, second) == pytest.approx(float(min(Fraction(1), 2 * tail)), rel=1e-12)
    table = [[11, first], [second, 40]]
    assert mcnemar(first, second) == pytest.approx(of_statsmodels(table, exact=True).pvalue, rel=1e-12)


def test_without_discordant_pairs_nothing_is_found():
    assert mcnemar(0, 0) == 1.0


def test_p_values_of_seeds_by_hand():
    assert together([0.03]) == 0.03
    assert together([0.03, 0.2]) == 0.2
    assert together([0.2, 0.001, 0.03]) == pytest.approx(0.045)
    assert together([0.5, 0.001, 0.002, 0.3]) == pytest.approx(0.4)
    assert together([0.9, 0.8, 0.001]) == 1.0


@pytest.mark.parametrize("shared", [0.0, 0.7, 1.0])
def test_together_seldom_errs_however_much_seeds_agree(shared):
    """Under the null hypothesis p <= 5 % in at most 5 % of studies, up to simulation error."""
    rng, hits, repeats = np.random.default_rng(4), 0, 2000
    for _ in range(repeats):
        common = rng.integers(2, size=60)
        own = np.where(rng.random((3, 60)) < shared, common, rng.integers(2, size=(3, 60)))
        hits += together([mcnemar(int(row.sum()), int((1 - row).sum())) for row in own]) <= 0.05
    assert hits / repeats <= 0.06


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Statistics of three seeds whose erasure is invented, and its values."""
    folder, measures, parts = tmp_path_factory.mktemp("study"), [], []
    for seed in (1, 2, 3):
        rng = np.random.default_rng(seed)
        first = rng.choice([-1.0, 0.0, 1.0], 40, p=[0.1, 0.5, 0.4])
        first[:2] = np.nan
        columns = {"example_id": [f"test-{i}" for i in range(40)], "flip_difference_first": first}
        columns["flip_difference"] = np.where(np.isnan(first), np.nan, first * rng.random(40))
        run = folder / "runs" / spec(seed)["run"]
        write_experiment(run / "experiments" / "erasure-1a2b3c.parquet", columns)
        measures.append(write_run(folder, spec(seed), also=["erasure-1a2b3c"]))
        targets_ = pd.read_parquet(run / "predictions.parquet").query("split == 'test'")[["example_id", "target"]]
        parts.append(pd.DataFrame(columns).merge(targets_, on="example_id").assign(seed=seed))
    output = folder / "statistics.parquet"
    settings = {**SETTINGS, "metrics": plugins(), "experiments": [ERASURE]}
    statistics.run(settings=settings, measures=measures, runs=folder / "runs", output=output, provenance=PROVENANCE)
    return pd.read_parquet(output), pd.concat(parts)


def row(rows, metric, class_="all"):
    (found,) = rows[(rows["metric"] == f"erasure-1a2b3c:{metric}") & (rows["class"] == class_)].to_dict("records")
    return found


@pytest.mark.parametrize("class_", ["all", "0", "1"])
def test_rows_are_those_of_the_tables_of_each_seed(study, class_):
    rows, values = study
    values = values[(class_ == "all") | (values["target"].astype(str) == class_)]
    found, p_values = row(rows, "flip_difference_first:mcnemar", class_), []
    for _, group in values.groupby("seed"):
        only_first, only_second = ((group["flip_difference_first"] == sign).sum() for sign in (1, -1))
        table = [[3, only_first], [only_second, 3]]
        p_values.append(of_statsmodels(table, exact=True).pvalue)
    assert found["p_value"] == pytest.approx(min(1.0, 1.5 * sorted(p_values)[1]), rel=1e-9)
    discordant = values[values["flip_difference_first"].abs() == 1]
    assert found["mean"] == pytest.approx((discordant["flip_difference_first"] == 1).mean())
    assert found["n_examples"] == discordant["example_id"].nunique()
    assert found["n_undefined"] == len(values) - len(discordant)
    assert (found["ci_kind"], found["options"], found["n_seeds"]) == ("examples-only", '{"draws":3}', 3)
    assert np.isnan(found["ci_low"])


def test_a_column_with_a_null_is_tested_against_it_and_others_are_not(study):
    rows, _ = study
    tested, untested = row(rows, "flip_difference"), row(rows, "flip_difference_first")
    assert tested["p_value"] < 0.05 and tested["mean"] > 0 and tested["effect"] > 0
    outside = tested["ci_low"] > 0 or tested["ci_high"] < 0
    assert outside == (tested["p_value"] < 0.05)
    assert np.isnan(untested["p_value"])
