"""Resampled means against loops over the same draws; per-example values of performance against scikit-learn."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from attnexplain.errors import ResultError
from attnexplain.statistics import panel as module
from attnexplain.statistics.cells import Run
from attnexplain.statistics.panel import Panel, panel, performance, resampled_means

KEY, OTHER = ("tau", "attention", "gradient"), ("auprc", "attention", "")
NAN = float("nan")


def invented(seeds, n_examples=7, gaps=0.2, keys=(KEY, OTHER)):
    """A panel of models with these seeds; a share of the values is undefined."""
    rng = np.random.default_rng(len(seeds))
    of_model = np.repeat(np.arange(len(seeds)), [len(own) for own in seeds])
    shape = (len(of_model), n_examples)
    values = {key: np.where(rng.random(shape) < gaps, NAN, rng.normal(size=shape)) for key in keys}
    return Panel([f"m{i}" for i in range(len(seeds))], of_model, np.concatenate(seeds), values)


def by_loops(found, key, resamples, rng):
    """Every resample written out: examples drawn once, seeds once per set of seeds, values collected and averaged."""
    n_models, n_examples = len(found.models), found.values[key].shape[1]
    examples = rng.integers(n_examples, size=(resamples, n_examples))
    drawn = {}
    for model in range(n_models):
        own = tuple(sorted(found.seeds[found.of_model == model]))
        if own not in drawn:
            drawn[own] = rng.integers(len(own), size=(resamples, len(own)))
    means = np.full((resamples, n_models), NAN)
    for row in range(resamples):
        for model in range(n_models):
            own = tuple(sorted(found.seeds[found.of_model == model]))
            sample = []
            for place in drawn[own][row]:
                (run,) = np.flatnonzero((found.of_model == model) & (found.seeds == own[place]))
                sample += [found.values[key][run, i] for i in examples[row]]
            defined = [value for value in sample if not np.isnan(value)]
            means[row, model] = np.mean(defined) if defined else NAN
    return means


@pytest.mark.parametrize(
    "seeds", [([1, 2, 3], [1, 2, 3]), ([1], [1]), ([3, 1, 2], [1, 2], [7]), ([1, 2], [2, 3], [1, 2])]
)
def test_resampled_means_are_those_of_the_samples_written_out(seeds):
    found = invented(seeds)
    means = resampled_means(found, 40, np.random.default_rng(5))
    for key in (KEY, OTHER):
        expected = by_loops(found, key, 40, np.random.default_rng(5))
        np.testing.assert_allclose(means[key][1:], expected, atol=1e-12)
        for model in range(len(seeds)):
            observed = found.values[key][found.of_model == model]
            assert means[key][0, model] == pytest.approx(np.nanmean(observed))


def test_a_metric_that_a_model_lacks_is_nan_for_it_alone():
    found = invented(([1, 2], [1, 2]), gaps=0)
    found.values[KEY][2:] = NAN
    means = resampled_means(found, 20, np.random.default_rng(0))
    assert np.isnan(means[KEY][:, 1]).all() and not np.isnan(means[KEY][:, 0]).any()
    assert not np.isnan(means[OTHER]).any()


def test_draws_in_several_pieces_are_as_many_and_as_spread(monkeypatch):
    found = invented(([1], [1]), n_examples=30, gaps=0)
    whole = resampled_means(found, 400, np.random.default_rng(1))[KEY]
    monkeypatch.setattr(module, "_AT_ONCE", 30 * 7)
    pieces = resampled_means(found, 400, np.random.default_rng(1))[KEY]
    assert pieces.shape == whole.shape and not np.isnan(pieces).any()
    np.testing.assert_allclose(pieces[0], whole[0], rtol=1e-12)
    np.testing.assert_allclose(pieces[1:].std(axis=0), found.values[KEY].std(axis=1) / np.sqrt(30), rtol=0.15)


def run_of(name, seed, ids, values, classes=None):
    """A run with one metric; `classes`: (labels, probabilities) of its predictions."""
    n = len(ids)
    label, probability = classes or ([None] * n, np.tile([0.5, 0.5], (n, 1)))
    predictions = pa.table(
        {
            "example_id": ids,
            "label": pa.array(label, pa.int32()),
            "target": pa.array([0] * n, pa.int32()),
            "probability": pa.array([list(row) for row in probability], pa.list_(pa.float32())),
        }
    )
    nothing = pa.nulls(n, pa.float64())
    measures = pa.table(
        {
            "example_id": ids[::-1],
            "metric": ["auprc"] * n,
            "method": ["attention"] * n,
            "method_b": pa.nulls(n, pa.string()),
            "value": pa.array(values[::-1], pa.float64()),
            "p_value": nothing,
            "undefined_reason": pa.nulls(n, pa.string()),
            "null_mean": nothing,
            "null_std": nothing,
        }
    )
    spec = {"run": f"{name}.{seed}", "seed": seed, "dataset": {"classes": ["a", "b"]}}
    return name, Run(spec, measures, predictions)


def test_values_stand_under_their_example_whatever_the_order_of_the_rows():
    first = run_of("m", 1, ["a", "b", "c"], [1.0, None, 3.0])
    second = run_of("n", 1, ["c", "a", "b"], [30.0, 10.0, 20.0])
    found = panel(iter([first, second]), {"auprc", "tau"})
    np.testing.assert_array_equal(found.values[OTHER], [[1.0, NAN, 3.0], [10.0, 20.0, 30.0]])
    assert list(found.values) == [OTHER] and found.models == ["m", "n"]


def test_runs_of_other_examples_are_refused():
    runs = [run_of("m", 1, ["a", "b"], [1.0, 2.0]), run_of("n", 1, ["a", "z"], [1.0, 2.0])]
    with pytest.raises(ResultError, match=r"n\.1 predicts other test examples"):
        panel(iter(runs), {"auprc"})


def test_performance_per_example_has_the_metric_as_its_mean_and_moves_with_it_under_weights():
    rng = np.random.default_rng(2)
    label, positive = rng.integers(0, 2, 400), rng.random(400)
    positive = 0.5 * positive + 0.3 * label
    probability = np.stack([1 - positive, positive], axis=1).astype(np.float32)
    _, run = run_of("m", 1, [str(i) for i in range(400)], [0.0] * 400, (label, probability))
    found = performance(run)
    scores = {
        "accuracy": lambda w: np.average(probability.argmax(1) == label, weights=w),
        "f1": lambda w: f1_score(label, probability.argmax(1), sample_weight=w),
        "roc-auc": lambda w: roc_auc_score(label, probability[:, 1], sample_weight=w),
    }
    for name, score in scores.items():
        assert found[name].mean() == pytest.approx(score(np.ones(400)), abs=1e-6)
        resampled = []
        for _ in range(200):
            weights = np.bincount(rng.integers(400, size=400), minlength=400)
            resampled.append((np.average(found[name], weights=weights), score(weights)))
        ours, exact = np.array(resampled).T
        # First order: the two differ far less than either varies.
        assert (ours - exact).std() < 0.2 * exact.std()


def test_without_labels_there_is_no_performance():
    assert performance(run_of("m", 1, ["a", "b"], [1.0, 2.0])[1]) == {}
