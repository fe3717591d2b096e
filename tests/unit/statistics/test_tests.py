"""Expected values: scipy's one-sample t tests, one seed at a time; the interval itself; error rates by simulation."""

import numpy as np
import pytest
from scipy import stats

from attnexplain.statistics.intervals.base import Interval
from attnexplain.statistics.intervals.two_way import interval
from attnexplain.statistics.tests import equivalence_test, t_test


def sample(n=25, mean=0.3):
    values = mean + np.random.default_rng(0).normal(size=n)
    return values, interval(values, np.zeros(n, int), np.arange(n), 0.95)


@pytest.mark.parametrize("null", [-1.0, 0.0, 0.2, 5.0])
def test_of_one_seed_it_is_the_one_sample_t_test(null):
    values, limits = sample()
    expected = stats.ttest_1samp(values, null).pvalue
    assert t_test(values.mean() - null, limits) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("margin", [0.05, 0.4, 1.5])
@pytest.mark.parametrize("null", [0.0, 0.5])
def test_equivalence_is_the_larger_of_two_one_sided_tests(null, margin):
    values, limits = sample()
    above = stats.ttest_1samp(values, null - margin, alternative="greater").pvalue
    below = stats.ttest_1samp(values, null + margin, alternative="less").pvalue
    assert equivalence_test(values.mean() - null, margin, limits) == pytest.approx(max(above, below), rel=1e-9)


def test_the_test_rejects_exactly_what_the_interval_leaves_out():
    rng = np.random.default_rng(1)
    for _ in range(50):
        table = 0.4 * rng.normal(size=(3, 1)) + rng.normal(size=(3, 12))
        found = interval(table.ravel(), *np.indices(table.shape).reshape(2, -1), 0.9)
        assert (t_test(table.mean(), found) <= 0.1) == (not found.low <= 0 <= found.high)


def test_equivalence_holds_exactly_where_the_interval_of_twice_the_level_lies_inside():
    rng = np.random.default_rng(2)
    seen = set()
    for _ in range(50):
        table = 0.2 + rng.normal(size=(3, 12))
        found = interval(table.ravel(), *np.indices(table.shape).reshape(2, -1), 0.9)
        inside = found.low > -0.6 and found.high < 0.6
        assert (equivalence_test(table.mean(), 0.6, found) <= 0.05) == inside
        seen.add(inside)
    assert seen == {True, False}


def test_infinite_degrees_of_freedom_are_the_normal():
    found = Interval(0.0, 0.0, "crossed-bootstrap", 4.0, float("inf"))
    assert t_test(-3.0, found) == pytest.approx(2 * stats.norm.sf(1.5))
    assert equivalence_test(1.0, 4.0, found) == pytest.approx(stats.norm.sf(1.5))


def test_without_variance_a_distance_is_certain():
    found = Interval(0.2, 0.2, "two-way", 0.0, float("inf"))
    assert (t_test(0.0, found), t_test(1e-9, found)) == (1.0, 0.0)
    assert (equivalence_test(0.1, 0.2, found), equivalence_test(-0.3, 0.2, found)) == (0.0, 1.0)


def test_of_three_seeds_a_twentieth_of_the_null_hypotheses_is_rejected():
    """Half of the variance of the mean comes from seeds; the true distance is 0, then just the margin."""
    rng, rejected, equivalent, rounds = np.random.default_rng(3), 0, 0, 1500
    for _ in range(rounds):
        table = 0.2 * rng.normal(size=(3, 1)) + rng.normal(size=50) + rng.normal(size=(3, 50))
        found = interval(table.ravel(), *np.indices(table.shape).reshape(2, -1), 0.95)
        rejected += t_test(table.mean(), found) <= 0.05
        equivalent += equivalence_test(table.mean() + 1.0, 1.0, found) <= 0.05
    assert 0.03 <= rejected / rounds <= 0.10
    assert 0.03 <= equivalent / rounds <= 0.10
