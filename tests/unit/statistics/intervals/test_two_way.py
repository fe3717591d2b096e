"""Expected values: the balanced analysis of variance, written out; projection matrices for unbalanced data; coverage
by simulation from the model."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from attnexplain.statistics.intervals.base import crossed
from attnexplain.statistics.intervals.two_way import interval, two_way, variance_of_mean


def balanced(seed, n_seeds, n_examples, spread_seed, spread_example):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n_seeds, n_examples))
    return table + spread_seed * rng.normal(size=(n_seeds, 1)) + spread_example * rng.normal(size=n_examples)


def long(table):
    """Values, seed and example of a table (seeds, examples)."""
    return (table.ravel(), *np.indices(table.shape).reshape(2, -1))


def by_hand(table):
    """(V, df, case) by the rules for balanced data, sums by loops."""
    S, N = table.shape
    grand = sum(map(sum, table)) / (S * N)
    rows = [sum(row) / N for row in table]
    columns = [sum(column) / S for column in table.T]
    seed = N * sum((row - grand) ** 2 for row in rows) / (S - 1)
    example = S * sum((column - grand) ** 2 for column in columns) / (N - 1)
    cells = product(range(S), range(N))
    residual = sum((table[s][i] - rows[s] - columns[i] + grand) ** 2 for s, i in cells) / ((S - 1) * (N - 1))
    if seed <= residual and example <= residual:
        return residual / (S * N), (S - 1) * (N - 1), "neither"
    if seed <= residual:
        return example / (S * N), N - 1, "examples"
    if example <= residual:
        return seed / (S * N), S - 1, "seeds"
    total = seed + example - residual
    spread = seed**2 / (S - 1) + example**2 / (N - 1) + residual**2 / ((S - 1) * (N - 1))
    return total / (S * N), total**2 / spread, "both"


def test_balanced_interval_equals_the_closed_form_in_all_four_cases():
    seen = set()
    for seed in range(400):
        n_seeds, n_examples = 2 + seed % 4, 2 + seed % 7
        table = balanced(seed, n_seeds, n_examples, (seed % 3) / 2, (seed % 5) / 4)
        variance, df, case = by_hand(table)
        found = interval(*long(table), 0.95)
        half = stats.t.ppf(0.975, df) * np.sqrt(variance)
        assert (found.low, found.high) == pytest.approx((table.mean() - half, table.mean() + half), rel=1e-9)
        assert (found.df, found.kind) == (pytest.approx(df, rel=1e-8), "two-way")
        seen.add(case)
    assert seen == {"both", "examples", "seeds", "neither"}


def test_order_and_labels_of_observations_do_not_matter():
    values, seed, example = long(balanced(0, 3, 9, 1, 1))
    order = np.random.default_rng(0).permutation(len(values))
    renamed = interval(values[order], 7 * seed[order] + 1, np.array([f"e{i}" for i in example[order]]), 0.9)
    assert renamed.variance == pytest.approx(interval(values, seed, example, 0.9).variance, rel=1e-12)


def unbalanced(seed, n_seeds=4, n_examples=15, keep=0.6):
    rng = np.random.default_rng(seed)
    present = rng.random((n_seeds, n_examples)) < keep
    present[0, ~present.any(axis=0)] = True
    seeds, examples = np.nonzero(present)
    return rng.normal(size=len(seeds)), seeds, examples


def projection(matrix):
    return matrix @ np.linalg.pinv(matrix)


@pytest.mark.parametrize("seed", range(6))
def test_unbalanced_sums_of_squares_are_differences_of_projections(seed):
    values, seeds, examples = unbalanced(seed)
    by_seed, by_example = np.eye(4)[seeds], np.eye(15)[examples]
    both = projection(np.hstack([by_seed, by_example]))
    forms = [both - projection(by_example), both - projection(by_seed), np.eye(len(values)) - both]
    found = two_way(crossed(values, seeds, examples))
    np.testing.assert_allclose(found.squares * found.df, [values @ form @ values for form in forms], rtol=1e-9)
    np.testing.assert_allclose(found.df, [np.trace(form) for form in forms], rtol=1e-9)
    # Expected sums of squares: trace of the form times the covariance of each component.
    own = [np.trace(by_seed.T @ forms[0] @ by_seed), np.trace(by_example.T @ forms[1] @ by_example)]
    np.testing.assert_allclose(found.traces, own, rtol=1e-9)
    other = [np.trace(by_example.T @ forms[0] @ by_example), np.trace(by_seed.T @ forms[1] @ by_seed)]
    np.testing.assert_allclose(other, 0, atol=1e-9)
    weights = [(by_seed.sum(axis=0) ** 2).sum(), (by_example.sum(axis=0) ** 2).sum()]
    np.testing.assert_allclose(found.weights, np.array(weights) / len(values) ** 2)


def test_unbalanced_variance_of_the_mean_is_unbiased_where_components_are_large():
    rng, found, means = np.random.default_rng(0), [], []
    _, seeds, examples = unbalanced(0, keep=0.7)
    for _ in range(3000):
        values = 3 * rng.normal(size=4)[seeds] + 2 * rng.normal(size=15)[examples] + rng.normal(size=len(seeds))
        found.append(variance_of_mean(two_way(crossed(values, seeds, examples)))[0])
        means.append(values.mean())
    assert np.mean(found) == pytest.approx(np.var(means), rel=0.08)


def test_seeds_that_agree_add_nothing():
    values = np.array([0.2, 0.4, 0.9, 0.3])
    one = interval(values, np.zeros(4, int), np.arange(4), 0.95)
    three = interval(np.tile(values, 3), np.repeat([0, 1, 2], 4), np.tile(np.arange(4), 3), 0.95)
    assert (three.low, three.high) == pytest.approx((one.low, one.high))


def test_unconnected_parts_lose_a_degree_of_freedom_each():
    # Seeds 0, 1 share examples 0-2; seeds 2, 3 share examples 3-5.
    seeds = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    examples = np.array([0, 1, 2] * 2 + [3, 4, 5] * 2)
    found = crossed(np.random.default_rng(0).normal(size=12), seeds, examples)
    assert two_way(found).df.tolist() == [2, 4, 4]


def coverage(n_simulations, n_seeds, n_examples, spread_seed, spread_example, keep=1.0):
    rng, hits = np.random.default_rng(0), 0
    for _ in range(n_simulations):
        table = spread_seed * rng.normal(size=(n_seeds, 1)) + spread_example * rng.normal(size=n_examples)
        values, seeds, examples = long(table + rng.normal(size=table.shape))
        kept = rng.random(len(values)) < keep
        found = interval(values[kept], seeds[kept], examples[kept], 0.95)
        hits += found.low <= 0 <= found.high
    return hits / n_simulations


@pytest.mark.parametrize("keep", [1.0, 0.7])
@pytest.mark.parametrize(("spread_seed", "spread_example"), [(0.0, 1.0), (0.2, 0.5), (0.5, 1.0)])
def test_interval_over_three_seeds_covers_as_it_says(spread_seed, spread_example, keep):
    assert 0.90 <= coverage(400, 3, 60, spread_seed, spread_example, keep) <= 0.98
