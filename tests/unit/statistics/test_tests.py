"""Expected values: scipy's one-sample t tests, one seed at a time; the interval itself; error rates by simulation."""

import numpy as np
import pytest
from scipy import stats

from attnexplain.statistics.intervals.base import Interval, Parts
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


def test_the_test_rejects_nothing_that_the_interval_holds_and_nearly_all_that_it_leaves_out():
    rng, left_out, rejected = np.random.default_rng(1), 0, 0
    for _ in range(50):
        table = 0.4 * rng.normal(size=(3, 1)) + rng.normal(size=(3, 12))
        found = interval(table.ravel(), *np.indices(table.shape).reshape(2, -1), 0.9)
        outside = not found.low <= 0 <= found.high
        assert outside or t_test(table.mean(), found) > 0.1
        left_out, rejected = left_out + outside, rejected + (t_test(table.mean(), found) <= 0.1)
    assert 0 < rejected <= left_out


def test_equivalence_holds_only_where_the_interval_of_twice_the_level_lies_inside():
    rng = np.random.default_rng(2)
    seen = set()
    for _ in range(50):
        table = 0.2 + rng.normal(size=(3, 12))
        found = interval(table.ravel(), *np.indices(table.shape).reshape(2, -1), 0.9)
        inside = found.low > -0.6 and found.high < 0.6
        equivalent = equivalence_test(table.mean(), 0.6, found) <= 0.05
        assert inside or not equivalent
        seen.add(equivalent)
    assert seen == {True, False}


@pytest.mark.parametrize("df", [1, 2, 4, 9])
@pytest.mark.parametrize("distance", [-0.4, 0.3, 2.0, 7.0])
def test_where_seeds_are_all_of_the_variance_it_is_students_with_their_degrees_of_freedom(df, distance):
    """Satterthwaite's 50 degrees of freedom would say less."""
    found = Interval(0.0, 0.0, "two-way", 1.0, 50.0, Parts(1.0, df, 0.0))
    larger = max(stats.t.sf(distance, df), stats.t.sf(distance, 50))
    assert equivalence_test(0.0, distance, found) == pytest.approx(larger, rel=1e-4)


def test_with_both_parts_it_is_the_share_of_draws_of_the_seeds_variance():
    found, rng = Interval(0.0, 0.0, "two-way", 1.0, 1e6, Parts(0.4, 2, 0.6)), np.random.default_rng(4)
    variance = 0.4 * 2 / rng.chisquare(2, 2_000_000) + 0.6
    drawn = 2 * stats.norm.sf(2.5 / np.sqrt(variance))
    assert t_test(2.5, found) == pytest.approx(drawn.mean(), abs=4 * drawn.std() / np.sqrt(len(drawn)))


@pytest.mark.parametrize("table", [np.random.default_rng(5).normal(size=(3, 8))])
def test_parts_of_balanced_values_are_mean_squares(table):
    n_seeds, n = table.shape
    found = interval(table.ravel(), *np.indices(table.shape).reshape(2, -1), 0.95)
    seed, example = table.mean(axis=1), table.mean(axis=0)
    rest = table - seed[:, None] - example + table.mean()
    ms_example, ms_rest = n_seeds * example.var(ddof=1), (rest**2).sum() / ((n_seeds - 1) * (n - 1))
    assert found.parts.seeds == pytest.approx(seed.var(ddof=1) / n_seeds)
    assert found.parts.rest == pytest.approx(max(0, ms_example - ms_rest) / table.size)
    assert found.parts.df == n_seeds - 1


def test_a_small_p_is_as_rare_as_it_says_where_seeds_are_few():
    """Of the t test with Satterthwaite's degrees of freedom, 2 % lie below .0025 here."""
    rng, small, rounds = np.random.default_rng(6), 0, 3000
    for _ in range(rounds):
        table = 0.22 * rng.normal(size=(3, 1)) + 0.67 * rng.normal(size=100) + 0.71 * rng.normal(size=(3, 100))
        found = interval(table.ravel(), *np.indices(table.shape).reshape(2, -1), 0.95)
        small += t_test(table.mean(), found) <= 0.0025
    assert small / rounds <= 0.005


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
    assert 0.015 <= rejected / rounds <= 0.07
    assert 0.015 <= equivalent / rounds <= 0.07
