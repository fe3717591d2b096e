"""Expected values: every resample of a small array enumerated, Owen's expectation, samples written out."""

from itertools import product

import numpy as np
import pytest

from attnexplain.statistics.intervals.base import crossed
from attnexplain.statistics.intervals.crossed_bootstrap import interval, resampled_means


def long(table):
    return (table.ravel(), *np.indices(table.shape).reshape(2, -1))


def enumerated(table):
    """The means of all resamples of a table (seeds, examples), each as likely as any other."""
    S, N = table.shape
    draws = product(product(range(S), repeat=S), product(range(N), repeat=N))
    return np.array([table[np.ix_(seeds, examples)].mean() for seeds, examples in draws])


def mean_squares(table):
    S, N = table.shape
    rows, columns, grand = table.mean(axis=1), table.mean(axis=0), table.mean()
    residual = ((table - rows[:, None] - columns + grand) ** 2).sum() / ((S - 1) * (N - 1))
    return N * rows.var(ddof=1), S * columns.var(ddof=1), residual


def closed_form(table):
    S, N = table.shape
    seeds, examples, residual = mean_squares(table)
    return ((1 - 1 / S) * seeds + (1 - 1 / N) * examples + (1 - 1 / S) * (1 - 1 / N) * residual) / (S * N)


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (3, 4)])
def test_the_documented_variance_is_that_of_all_resamples(shape):
    table = np.random.default_rng(0).normal(size=shape)
    assert enumerated(table).var() == pytest.approx(closed_form(table), rel=1e-12)


@pytest.mark.parametrize("shape", [(2, 3), (3, 20), (10, 15)])
def test_the_interval_is_that_of_many_resamples(shape):
    table = np.random.default_rng(1).normal(size=shape) + np.random.default_rng(2).normal(size=(shape[0], 1))
    found = interval(*long(table), 0.9, resamples=40_000)
    assert found.variance == pytest.approx(closed_form(table), rel=0.03)
    assert found.df == np.inf
    if table.size == 6:
        low, high = np.quantile(enumerated(table), [0.05, 0.95])
        assert (found.low, found.high) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))


def test_its_variance_expects_what_owen_says():
    """3 seeds, 40 examples: E V = (1 - 1/S) var_s / S + (1 - 1/N) var_e / N + nearly 3 var_r / (S N)."""
    rng, S, N, found = np.random.default_rng(3), 3, 40, []
    for _ in range(4000):
        table = 0.5 * rng.normal(size=(S, 1)) + 2 * rng.normal(size=N) + 3 * rng.normal(size=(S, N))
        found.append(closed_form(table))
    parts = [(1 - 1 / S) * 0.25 / S, (1 - 1 / N) * 4 / N]
    residual = 9 / (S * N) * ((1 - 1 / S) + (1 - 1 / N) + (1 - 1 / S) * (1 - 1 / N))
    assert np.mean(found) == pytest.approx(sum(parts) + residual, rel=0.02)


def test_unbalanced_means_are_those_of_the_samples_written_out():
    table = np.random.default_rng(4).normal(size=(3, 5))
    present = np.array([[1, 0, 0, 1, 0], [0, 1, 0, 0, 1], [0, 0, 1, 0, 1]], bool)
    seed, example = np.nonzero(present)
    found = resampled_means(crossed(table[present], seed, example), 50, np.random.default_rng(7))
    again, expected = np.random.default_rng(7), []
    examples, seeds = again.integers(5, size=(50, 5)), again.integers(3, size=(50, 3))
    for picked_seeds, picked_examples in zip(seeds, examples, strict=True):
        sample = [table[s, e] for s in picked_seeds for e in picked_examples if present[s, e]]
        expected += [np.mean(sample)] if sample else []
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_same_values_have_the_same_interval_and_other_draws_another():
    values = long(np.random.default_rng(5).normal(size=(3, 8)))
    assert interval(*values, 0.95) == interval(*values, 0.95)
    assert interval(*values, 0.95, rng=np.random.default_rng(1)) != interval(*values, 0.95)
