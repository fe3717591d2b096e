"""Expected values: loops over pairs, seeds and examples; coverage by simulation of attention that differs by seed."""

from itertools import permutations, product

import numpy as np
import pytest
from scipy import stats

from attnexplain.statistics.intervals.two_way import interval
from attnexplain.statistics.jackknife import pair_interval, per_run


def drawn(seed, n_seeds, n_examples, undefined=0.0):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_seeds, n_seeds, n_examples)) + rng.normal(size=n_examples)
    values += rng.normal(size=n_seeds)[:, None, None] + rng.normal(size=n_seeds)[None, :, None]
    values[rng.random(values.shape) < undefined] = np.nan
    return values


def means(values, counted, seeds):
    """(run, example) -> mean over the other `seeds` of what is defined."""
    found = {}
    for a, i in product(seeds, range(values.shape[2])):
        others = [values[a, b, i] for b in seeds if b != a and not np.isnan(values[a, b, i])]
        if counted[a, i] and others:
            found[a, i] = sum(others) / len(others)
    return found


def by_hand(values, counted):
    """(estimate, V_seeds, V_examples), term by term."""
    S = len(values)
    own = means(values, counted, range(S))
    theta = sum(own.values()) / len(own)
    left = []
    for s in range(S):
        rest = means(values, counted, [other for other in range(S) if other != s])
        left.append(sum(rest.values()) / len(rest))
    of_seeds = (S - 1) / S * sum((one - sum(left) / S) ** 2 for one in left)
    examples = sorted({i for _, i in own})
    u = [sum(value - theta for (_, j), value in own.items() if j == i) / len(own) for i in examples]
    return theta, of_seeds, len(u) / (len(u) - 1) * sum(one**2 for one in u)


@pytest.mark.parametrize(("n_seeds", "undefined", "share"), [(3, 0, 1), (4, 0, 0.6), (5, 0.1, 1), (3, 0.2, 0.7)])
def test_interval_equals_loops_over_pairs(n_seeds, undefined, share):
    values = drawn(n_seeds, n_seeds, 12, undefined)
    counted = np.random.default_rng(9).random((n_seeds, 12)) < share
    theta, of_seeds, of_examples = by_hand(values, counted)
    found = pair_interval(values, counted, 0.9)
    assert found.variance == pytest.approx(of_seeds + of_examples, rel=1e-10)
    half = stats.t.ppf(0.95, n_seeds - 1) * np.sqrt(of_seeds + of_examples)
    assert (found.low, found.high) == pytest.approx((theta - half, theta + half), rel=1e-10)
    assert (found.kind, found.df) == ("jackknife-seeds", n_seeds - 1)


def test_the_jackknife_of_a_mean_of_pairs_is_the_textbooks_formula():
    """One value per pair, whatever the example: the U-statistic of its S (S - 1) / 2 unordered pairs."""
    S, rng = 5, np.random.default_rng(0)
    x = rng.normal(size=S)
    kernel = np.subtract.outer(x, x) ** 2 / 2  # whose U-statistic is the sample variance
    found = pair_interval(np.repeat(kernel[:, :, None], 4, axis=2), np.ones((S, 4), bool), 0.95)
    left = [np.var(np.delete(x, s), ddof=1) for s in range(S)]
    assert found.variance == pytest.approx((S - 1) / S * np.sum((left - np.mean(left)) ** 2), rel=1e-9)
    assert (found.low + found.high) / 2 == pytest.approx(np.var(x, ddof=1))


def test_with_two_seeds_the_interval_is_that_of_the_example_means():
    values = drawn(0, 2, 20)
    found = pair_interval(values, np.ones((2, 20), bool), 0.95)
    example = (values[0, 1] + values[1, 0]) / 2
    expected = stats.t.interval(0.95, 19, example.mean(), stats.sem(example))
    assert (found.low, found.high) == pytest.approx(expected)
    assert found.kind == "examples-only"


def test_what_a_run_has_beside_itself_does_not_count():
    values = drawn(1, 3, 6)
    other = values.copy()
    other[np.arange(3), np.arange(3)] = 77.0
    np.testing.assert_array_equal(per_run(values), per_run(other))


def test_equal_values_have_an_interval_of_width_zero():
    found = pair_interval(np.full((3, 3, 6), 0.1), np.ones((3, 6), bool), 0.95)
    assert found.low == found.high == pytest.approx(0.1, rel=1e-15)


def test_no_interval_with_one_example_or_where_the_estimate_hangs_on_a_single_seed():
    values = drawn(2, 3, 6)
    one, alone = np.zeros((3, 6), bool), np.zeros((3, 6), bool)
    one[:, 2], alone[1] = True, True
    for counted in (one, alone):
        found = pair_interval(values, counted, 0.95)
        assert found.kind is None and np.isnan([found.low, found.high]).all()


def test_order_of_seeds_and_examples_does_not_matter():
    values, counted = drawn(3, 4, 9, 0.1), np.random.default_rng(3).random((4, 9)) < 0.7
    seeds, examples = [2, 0, 3, 1], [*range(8, -1, -1)]
    again = pair_interval(values[np.ix_(seeds, seeds, examples)], counted[np.ix_(seeds, examples)], 0.95)
    assert again.variance == pytest.approx(pair_interval(values, counted, 0.95).variance, rel=1e-12)


def simulated(rng, n_seeds, n_examples):
    """Distance between what seeds make of an example: each seed has a place of its own, and one per example."""
    place = rng.normal(size=n_seeds)[:, None] + 0.5 * rng.normal(size=(n_seeds, n_examples))
    return (place[:, None] - place[None]) ** 2 / 2 + 0.5 * rng.normal(size=n_examples)


@pytest.mark.parametrize("n_seeds", [3, 5])
def test_it_covers_the_truth_where_pairs_taken_as_independent_do_not(n_seeds):
    truth, n_examples, rounds = 1.25, 40, 400  # variance of a place: 1 + 1/4
    rng, jackknife, independent = np.random.default_rng(0), 0, 0
    pairs = list(permutations(range(n_seeds), 2))
    for _ in range(rounds):
        values = simulated(rng, n_seeds, n_examples)
        found = pair_interval(values, np.ones((n_seeds, n_examples), bool), 0.95)
        jackknife += found.low <= truth <= found.high
        naive = np.concatenate([values[pair] for pair in pairs])
        seed, example = np.repeat(np.arange(len(pairs)), n_examples), np.tile(np.arange(n_examples), len(pairs))
        limits = interval(naive, seed, example, 0.95)
        independent += limits.low <= truth <= limits.high
    assert jackknife / rounds > independent / rounds + 0.1
    assert jackknife / rounds > 0.7
