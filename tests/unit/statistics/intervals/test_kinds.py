"""What every kind of interval has in common, over all registered kinds."""

import numpy as np
import pytest
from scipy import stats

from attnexplain.registry import facts, load, targets

KINDS = sorted(targets("interval"))
pytestmark = pytest.mark.parametrize("name", KINDS)


def drawn(seed, n_seeds=4, n_examples=30, keep=1.0):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n_seeds, 1)) + rng.normal(size=n_examples) + rng.normal(size=(n_seeds, n_examples))
    seeds, examples = np.indices(table.shape).reshape(2, -1)
    kept = rng.random(table.size) < keep
    return table.ravel()[kept], seeds[kept], examples[kept]


def test_its_facts_name_it(name):
    assert facts("interval", name)["name"] == name
    assert load("interval", name)(*drawn(0), 0.95).kind == name


def test_one_seed_varies_over_examples_only(name):
    values = np.array([0.1, 0.5, 0.3, 0.9])
    found = load("interval", name)(values, np.zeros(4, int), np.arange(4), 0.95)
    expected = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx(expected)
    assert (found.kind, found.df) == ("examples-only", 3)
    assert found.variance == pytest.approx(stats.sem(values) ** 2)


def test_equal_values_have_an_interval_of_width_zero(name):
    found = load("interval", name)(np.full(6, 0.1), np.repeat([0, 1], 3), np.tile([0, 1, 2], 2), 0.95)
    assert found.low == found.high == pytest.approx(0.1, rel=1e-15)
    assert (found.kind, found.variance) == (name, 0)


@pytest.mark.parametrize(("seed", "example"), [([0], [0]), ([0, 1, 2], [5, 5, 5])], ids=["one value", "one example"])
def test_too_little_has_no_interval(name, seed, example):
    found = load("interval", name)(np.arange(len(seed), dtype=float), np.array(seed), np.array(example), 0.95)
    assert found.kind is None
    assert np.isnan([found.low, found.high, found.variance]).all()


@pytest.mark.parametrize(
    ("seed", "example"),
    [([0, 0, 1, 1], [0, 1, 2, 3]), ([0, 1, 1], [0, 0, 1])],
    ids=["no shared example", "no residual"],
)
def test_models_of_variances_say_nothing_where_these_cannot_be_told_apart(name, seed, example):
    found = load("interval", name)(np.arange(len(seed), dtype=float), np.array(seed), np.array(example), 0.95)
    assert (found.kind is None) == (name != "crossed-bootstrap")


def test_an_example_counted_twice_under_a_seed_is_refused(name):
    with pytest.raises(ValueError, match="two values under one seed"):
        load("interval", name)(np.arange(4.0), np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]), 0.95)


@pytest.mark.parametrize("keep", [1.0, 0.6])
def test_order_and_labels_of_observations_do_not_matter(name, keep):
    values, seed, example = drawn(0, keep=keep)
    order = np.random.default_rng(0).permutation(len(values))
    labels = np.array([f"e{i:02}" for i in example[order]])
    renamed = load("interval", name)(values[order], 7 * seed[order] + 1, labels, 0.9)
    found = load("interval", name)(values, seed, example, 0.9)
    assert renamed.variance == pytest.approx(found.variance, rel=1e-6)
    assert (renamed.low, renamed.high) == pytest.approx((found.low, found.high), rel=1e-6)


def test_the_centre_moves_the_limits_alone(name):
    values, seed, example = drawn(1)
    plain, moved = (load("interval", name)(values, seed, example, 0.95, centre=centre) for centre in (None, 2.0))
    shift = 2.0 - values.mean()
    assert (moved.low, moved.high) == pytest.approx((plain.low + shift, plain.high + shift))
    assert (moved.variance, moved.df) == pytest.approx((plain.variance, plain.df))


@pytest.mark.parametrize("keep", [1.0, 0.7])
def test_ten_seeds_cover_the_mean(name, keep):
    """Seeds have a fifth of the examples' spread: about as much of the variance of the mean."""
    rng, hits = np.random.default_rng(3), 0
    for _ in range(100):
        table = 0.2 * rng.normal(size=(10, 1)) + rng.normal(size=40) + rng.normal(size=(10, 40))
        seeds, examples = np.indices(table.shape).reshape(2, -1)
        kept = rng.random(table.size) < keep
        found = load("interval", name)(table.ravel()[kept], seeds[kept], examples[kept], 0.95)
        hits += found.low <= 0 <= found.high
    assert 0.88 <= hits / 100 <= 1
