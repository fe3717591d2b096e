"""Intervals of differences and shares against closed forms, scipy's exact binomial interval, and coverage."""

import numpy as np
import pytest
from scipy.stats import binomtest

from attnexplain.statistics.differences import Estimate, clopper_pearson, difference, share_above


def test_of_symmetric_intervals_the_half_widths_add_as_squares():
    gap = difference(Estimate(0.6, 0.5, 0.7, 40, 3), Estimate(0.2, 0.0, 0.4, 30, 2))
    assert gap.value == pytest.approx(0.4)
    assert (gap.low, gap.high) == (pytest.approx(0.4 - np.sqrt(0.05)), pytest.approx(0.4 + np.sqrt(0.05)))
    assert (gap.n_examples, gap.n_seeds) == (30, 2)


def test_of_skewed_intervals_the_sides_that_meet_are_combined():
    """Zou & Donner (2008): L = d - sqrt((m1 - l1)^2 + (u2 - m2)^2), U = d + sqrt((u1 - m1)^2 + (m2 - l2)^2)."""
    gap = difference(Estimate(0.5, 0.2, 0.6), Estimate(0.1, 0.06, 0.5))
    assert gap.low == pytest.approx(0.4 - np.hypot(0.3, 0.4))
    assert gap.high == pytest.approx(0.4 + np.hypot(0.1, 0.04))


def test_without_an_interval_there_is_a_difference_alone():
    gap = difference(Estimate(0.5, 0.4, 0.6), Estimate(0.2))
    assert (gap.value, gap.low, gap.high, gap.has_interval) == (pytest.approx(0.3), None, None, False)


def test_the_interval_of_a_difference_covers():
    rng, hits = np.random.default_rng(4), 0
    for _ in range(600):
        first, second = rng.normal(1.0, 1, 40), rng.normal(0.4, 2, 40)
        ends = [
            Estimate(x.mean(), x.mean() - 2.02 * x.std(ddof=1) / 40**0.5, x.mean() + 2.02 * x.std(ddof=1) / 40**0.5)
            for x in (first, second)
        ]
        gap = difference(*ends)
        hits += gap.low <= 0.6 <= gap.high
    assert 0.93 <= hits / 600 <= 0.975


@pytest.mark.parametrize(("k", "n"), [(0, 12), (5, 12), (12, 12), (1, 200)])
def test_exact_binomial_limits(k, n):
    expected = binomtest(k, n).proportion_ci(0.95, method="exact")
    assert clopper_pearson(k / n, n, 0.95) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_a_share_of_all_texts_is_not_certain():
    seed, example = np.repeat([1, 2], 50), np.tile(np.arange(50), 2)
    share = share_above(np.full(100, 0.7), seed, example, 0.5, 0.95)
    assert (share.value, share.high, share.n_examples, share.n_seeds) == (1.0, 1.0, 50, 2)
    assert share.low == pytest.approx(0.025 ** (1 / 50))


def test_a_share_that_differs_between_seeds_is_as_wide_as_that():
    seed, example = np.repeat([1, 2, 3], 40), np.tile(np.arange(40), 3)
    values = np.where(seed == 1, 0.0, 1.0)
    share = share_above(values, seed, example, 0.5, 0.95)
    assert share.value == pytest.approx(2 / 3)
    assert (share.low, share.high) == (0.0, 1.0)  # three seeds of 0, 1 and 1 tell nothing
    assert share_above(np.array([0.5, 0.6]), np.ones(2), np.arange(2), 0.5, 0.95).value == 0.5  # above, not at
