"""Quantiles per bin against loops written from the definition, numpy's quantiles, and coverage of a known quantile."""

import time
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from attnexplain.registry import facts, targets
from attnexplain.stages import statistics
from attnexplain.statistics.quantiles import QUANTILES, bin_names, bins_of, resampled_quantiles
from measured_runs import PROVENANCE, SETTINGS, plugins, spec, write_run

EDGES = [0.0, 0.25, 0.5, 0.75, 1.0]
BINS = ["0-0.25", "0.25-0.5", "0.5-0.75", "0.75-1"]
WANTED = list(QUANTILES.values())


@pytest.mark.parametrize("name", sorted(targets("experiment")))
def test_columns_that_an_experiment_asks_quartiles_of_are_its_own(name):
    found = facts("experiment", name)
    by = found.get("by")
    assert by is None or {by["column"], *by["of"]} <= set(found["columns"])
    assert by is None or by["edges"] == sorted(by["edges"])


def test_bins_are_closed_on_the_left_and_the_last_on_the_right_too():
    assert bin_names(EDGES) == BINS
    assert bins_of(np.array([0.0, 0.2499, 0.25, 0.5, 0.75, 1.0, 1.0000001]), EDGES).tolist() == [0, 0, 1, 2, 3, 3, 3]


def by_loops(values, seed, example, quantiles, resamples, rng):
    """The same draws, every resample written out as a list of repeated values."""
    seeds, examples = np.unique(seed), np.unique(example)
    drawn_examples = rng.integers(len(examples), size=(resamples, len(examples)))
    drawn_seeds = rng.integers(len(seeds), size=(resamples, len(seeds))) if len(seeds) > 1 else [[0]] * resamples
    known = {(s, e): v for v, s, e in zip(values, seed, example, strict=True)}
    found = []
    for picked_examples, picked_seeds in zip(drawn_examples, drawn_seeds, strict=True):
        sample = [
            known[seeds[s], examples[e]]
            for s in picked_seeds
            for e in picked_examples
            if (seeds[s], examples[e]) in known
        ]
        if sample:
            found.append(np.quantile(sample, quantiles))
    return np.array(found)


@pytest.mark.parametrize(
    ("n_seeds", "n_examples", "kept"), [(1, 9, 1.0), (3, 8, 1.0), (3, 7, 0.5), (4, 2, 1.0), (2, 3, 0.4)]
)
def test_resampled_quantiles_are_those_of_the_samples_written_out(n_seeds, n_examples, kept):
    rng = np.random.default_rng(n_seeds * 100 + n_examples)
    seed, example = (index.ravel() for index in np.indices((n_seeds, n_examples)))
    chosen = rng.random(len(seed)) < kept
    chosen[0] = True
    values = rng.choice(20, len(seed)) / 7  # with ties
    values, seed, example = values[chosen], seed[chosen] + 5, example[chosen] + 3
    expected = by_loops(values, seed, example, WANTED, 60, np.random.default_rng(3))
    found = resampled_quantiles(values, seed, example, WANTED, 60, np.random.default_rng(3))
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_order_of_the_values_does_not_matter():
    rng = np.random.default_rng(0)
    values, seed, example = rng.random(50), np.repeat([1, 2], 25), np.tile(np.arange(25), 2)
    shuffled = rng.permutation(50)
    first = resampled_quantiles(values, seed, example, WANTED, 30, np.random.default_rng(1))
    again = resampled_quantiles(*(x[shuffled] for x in (values, seed, example)), WANTED, 30, np.random.default_rng(1))
    np.testing.assert_array_equal(first, again)


def test_the_interval_covers_the_median_of_crossed_effects():
    """Values are effects of 12 seeds plus 60 examples plus noise, all symmetric: the median is 0."""
    rng, hits, repeats = np.random.default_rng(11), 0, 150
    seed, example = (index.ravel() for index in np.indices((12, 60)))
    for _ in range(repeats):
        values = rng.normal(0, 0.5, 12)[seed] + rng.normal(0, 1, 60)[example] + rng.normal(0, 0.5, 720)
        low, high = np.quantile(resampled_quantiles(values, seed, example, [0.5], 200, rng)[:, 0], [0.025, 0.975])
        hits += low <= 0 <= high
    # Nominally 95 %; resampling examples alone covers far less: seeds carry half of the variance of the mean.
    assert 0.90 <= hits / repeats <= 1.0


def test_examples_alone_agree_with_the_order_statistics_of_a_median():
    """Under one seed the classical interval of a median, ranks from the binomial, has about the same ends."""
    values = np.sort(np.random.default_rng(2).random(401))
    found = resampled_quantiles(values, np.ones(401), np.arange(401), [0.5], 2000, np.random.default_rng(0))
    low, high = np.quantile(found, [0.025, 0.975])
    assert (low, high) == (pytest.approx(values[180], abs=0.01), pytest.approx(values[220], abs=0.01))


def test_a_thousand_resamples_of_five_thousand_values_are_quick():
    rng = np.random.default_rng(0)
    seed, example = (index.ravel() for index in np.indices((3, 1667)))
    values = rng.random(len(seed))
    seconds = []
    for _ in range(3):
        start = time.process_time()
        resampled_quantiles(values, seed, example, WANTED, 1000, rng)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.5  # about 0.06 on a quiet machine


PERMUTATION = {"name": "permutation", "id": "permutation", "options": {"draws": 100}}


def computed(folder, measures, **settings):
    by = facts("experiment", "permutation")["by"]
    used = {"metrics": plugins(), "experiments": [{**PERMUTATION, "by": by}], **settings}
    output = folder / "statistics.parquet"
    common = {"runs": folder / "runs", "provenance": PROVENANCE}
    statistics.run(settings={**SETTINGS, **used}, measures=measures, output=output, **common)
    return pd.read_parquet(output)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Statistics of three seeds, and tvd_median, max_attention and predicted class of every text and seed."""
    folder = tmp_path_factory.mktemp("study")
    measures, parts = [], []
    for seed in (1, 2, 3):
        measures.append(write_run(folder, spec(seed)))
        run = folder / "runs" / spec(seed)["run"]
        experiment = pd.read_parquet(run / "experiments" / "permutation.parquet")
        predictions = pd.read_parquet(run / "predictions.parquet").query("split == 'test'")
        parts.append(experiment.merge(predictions[["example_id", "target"]], on="example_id").assign(seed=seed))
    return folder, measures, computed(folder, measures), pd.concat(parts)


def test_rows_are_the_quartiles_of_the_values_in_each_bin_and_class(study):
    _, _, rows, values = study
    rows = rows[rows["metric"].str.count(":") == 3]
    assert len(rows) == len(BINS) * 3 * 3
    for (low, high), name in zip(pairwise(EDGES), BINS, strict=True):
        inside = (values["max_attention"] >= low) & (values["max_attention"] < high)
        for class_ in ("all", "0", "1"):
            chosen = values[inside & ((class_ == "all") | (values["target"].astype(str) == class_))]
            for quantile, share in QUANTILES.items():
                row = rows[(rows["metric"] == f"permutation:tvd_median:{quantile}:{name}") & (rows["class"] == class_)]
                row = row.iloc[0]
                assert row["mean"] == np.quantile(chosen["tvd_median"], share)
                assert row["ci_low"] <= row["ci_high"]
                counts = (chosen["example_id"].nunique(), chosen["seed"].nunique(), 0)
                assert tuple(row[["n_examples", "n_seeds", "n_undefined"]]) == counts
                assert row["ci_kind"] == "crossed-bootstrap"
                assert (row["method"], row["options"]) == ("attention", '{"draws":100}')


def test_published_quartiles_stand_beside_ours(study):
    rows = study[2].set_index(["metric", "class"])
    row = rows.loc[("permutation:tvd_median:median:0-0.25", "0")]
    assert (row["published"], row["published_source"]) == (0.027, "Jain & Wallace (2019), set B")
    assert pd.isna(rows.loc[("permutation:tvd_median:median:0-0.25", "all"), "published"])


def test_the_same_runs_give_the_same_bytes_and_other_names_other_draws(study):
    folder, measures, rows, _ = study
    before = (folder / "statistics.parquet").read_bytes()
    again = computed(folder, measures[::-1])
    assert (folder / "statistics.parquet").read_bytes() == before
    assert not rows["ci_low"].equals(computed(folder, measures, bootstrap=50)["ci_low"])
    pd.testing.assert_frame_equal(rows, again)


def test_one_seed_resamples_examples_alone_and_an_empty_bin_has_no_row(tmp_path):
    path = write_run(tmp_path, spec(1))
    rows = computed(tmp_path, [path])
    found = rows[rows["metric"].str.startswith("permutation:tvd_median:")]
    assert set(found["ci_kind"].dropna()) == {"examples-only"}
    narrow = {**facts("experiment", "permutation")["by"], "edges": [0.0, 1.0, 2.0]}
    rows = computed(tmp_path, [path], experiments=[{**PERMUTATION, "by": narrow}])
    assert set(rows.loc[rows["metric"].str.count(":") == 3, "metric"].str.rpartition(":")[2]) == {"0-1"}


def test_an_experiment_that_asks_for_nothing_has_no_such_rows(study):
    folder, measures, rows, _ = study
    plain = computed(folder, measures, experiments=[PERMUTATION])
    pd.testing.assert_frame_equal(plain, rows[rows["metric"].str.count(":") < 3].reset_index(drop=True))
