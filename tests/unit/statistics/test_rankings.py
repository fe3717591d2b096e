"""tau-b, ranks and p-values against scipy and the sums written out; ties, gaps and resamples without a value."""

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy import stats

from attnexplain.statistics import rankings

NAN = float("nan")


def scores(seed, rows=6, items=5, ties=True):
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, 4, (rows, items)) / 7 if ties else rng.normal(size=(rows, items))
    drawn[0] = np.arange(items) % 3  # some order
    return drawn


def several(*tables):
    settled = [rankings.settled(table) for table in tables]
    return rankings.taus(
        np.stack([rankings.signs(one) for one in settled]), np.stack([rankings.ranked_pairs(one) for one in settled])
    )


@pytest.mark.parametrize("ties", [True, False])
def test_taus_are_scipys(ties):
    tables = [scores(seed, ties=ties) for seed in range(4)]
    found = several(*tables)
    for (i, first), (j, second) in combinations(enumerate(tables), 2):
        for row, (x, y) in enumerate(zip(first, second, strict=True)):
            expected = stats.kendalltau(x, y).statistic
            np.testing.assert_allclose(found[row, [i, j], [j, i]], expected, atol=1e-12)


def test_taus_are_over_the_items_that_both_rank():
    first, second = scores(1, ties=False), scores(2, ties=False)
    first[:, 1], second[:, 4] = NAN, NAN
    found = several(first, second)[:, 0, 1]
    for row in range(len(first)):
        kept = [0, 2, 3]
        assert found[row] == pytest.approx(stats.kendalltau(first[row, kept], second[row, kept]).statistic)


def test_a_ranking_agrees_with_itself_and_is_opposed_to_its_reverse():
    table = scores(3, ties=False)
    found = several(table, -table, 2 * table + 1)
    np.testing.assert_allclose(found[:, 0, 2], 1)
    np.testing.assert_allclose(found[:, 0, 1], -1)


def test_a_resample_without_the_value_of_a_ranked_item_says_nothing_and_others_go_on():
    first, second = scores(4, ties=False), scores(5, ties=False)
    first[2, 3] = NAN
    found = several(first, second)
    assert np.isnan(found[2, 0, 1]) and np.isnan(found[2, 1, 0])
    assert not np.isnan(found[[0, 1, 3, 4, 5], 0, 1]).any()
    assert found[2, 1, 1] == 1


def test_equal_values_have_no_tau():
    assert np.isnan(several(np.ones((3, 4)), scores(0, rows=3, items=4))[:, 0, 1]).all()


def test_sums_that_differ_by_rounding_are_ties():
    table = np.array([[0.1 + 0.2, 0.3, 0.5], [0.3, 0.1 + 0.2, 0.1]])
    assert rankings.ranks(rankings.settled(table)).tolist() == [[2.5, 2.5, 1], [1.5, 1.5, 3]]


def test_ranks_are_scipys_from_the_highest():
    table = scores(6)
    np.testing.assert_array_equal(rankings.ranks(table), stats.rankdata(-table, axis=1))
    table[:, 2] = NAN
    found, kept = rankings.ranks(table), [0, 1, 3, 4]
    np.testing.assert_array_equal(found[:, kept], stats.rankdata(-table[:, kept], axis=1))
    assert np.isnan(found[:, 2]).all()


def test_the_first_place_is_shared_by_those_who_tie_for_it():
    table = np.array([[3.0, 3.0, 1.0], [2.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 1.0, 1.0], [NAN, NAN, NAN]])
    np.testing.assert_allclose(
        rankings.first_shares(table), [(0.5 + 1 + 0 + 1 / 3) / 4, (0.5 + 0.5 + 1 / 3) / 4, (0.5 + 1 / 3) / 4]
    )


def test_neighbours_are_those_of_the_observed_ranking():
    table = np.array([[1.0, 5.0, NAN, 3.0], [1.0, 5.0, NAN, 3.0], [4.0, 5.0, NAN, 3.0], [0.0, 1.0, NAN, 1.0]])
    assert rankings.neighbours_hold(table).tolist() == [[True, True], [True, False], [False, True]]


def test_taus_with_the_observed_ranking_are_scipys():
    table = scores(8, rows=9)
    found = rankings.taus_with_observed(rankings.signs(rankings.settled(table)))
    np.testing.assert_allclose(found, [stats.kendalltau(table[0], row).statistic for row in table[1:]], atol=1e-12)


@pytest.mark.parametrize("n", [3, 4, 5, 6, 9])
def test_p_without_ties_is_scipys_exact_one(n):
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(2, n))
    found, least = rankings.p_value(x, y)
    assert found == pytest.approx(stats.kendalltau(x, y, method="exact").pvalue)
    assert least == pytest.approx(stats.kendalltau(x, x, method="exact").pvalue)


def test_three_or_four_items_can_never_be_significant():
    assert rankings.p_value(np.arange(3.0), np.arange(3.0)) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert rankings.p_value(np.arange(4.0), np.arange(4.0))[1] == pytest.approx(1 / 12)


@pytest.mark.parametrize("seed", range(5))
def test_p_with_ties_is_the_share_of_all_orders(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 4, 6) * 1.0, np.array([0.0, 0.0, 1.0, 2.0, 3.0, 3.0])
    taus = np.abs([stats.kendalltau(x, y[list(order)]).statistic for order in permutations(range(6))])
    found, least = rankings.p_value(x, y)
    assert found == pytest.approx((taus >= taus[0] - 1e-12).mean())
    assert least == pytest.approx((taus >= taus.max() - 1e-12).mean())


def test_p_of_many_items_with_ties_is_scipys_approximation():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 5, (2, 12)) * 1.0
    found, least = rankings.p_value(x, y)
    assert found == pytest.approx(stats.kendalltau(x, y).pvalue)
    assert np.isnan(least)
