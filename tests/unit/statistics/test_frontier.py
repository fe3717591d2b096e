"""The frontier against closed forms, linear programming, and numerical derivatives."""

import numpy as np
import pytest
from scipy.optimize import linprog

from attnexplain.statistics.frontier import area, corners, linearised


def cheapest(jsd, tvd, x):
    """Least mean distance of a lottery over adversaries and the base with a divergence of x at least."""
    bounds = {"A_ub": [np.ones(len(jsd)), -jsd], "b_ub": [1.0, -x], "bounds": (0, None)}
    return linprog(tvd, **bounds).fun


def test_one_adversary_is_a_straight_line_from_the_base():
    found = area(np.array([0.5]), np.array([0.2]), 0.4)
    assert found.value == pytest.approx(0.5 * 0.2 * 0.4 / 0.5, abs=1e-15)


@pytest.mark.parametrize("points", [2, 5, 400])
def test_a_parabola_has_the_area_of_its_chords(points):
    # f(x) = x^2 sampled at equal steps: the trapezoid rule, which is too large by step^2 / 6 exactly.
    jsd = np.linspace(0, 0.5, points + 1)[1:]
    found = area(jsd, jsd**2, 0.5)
    assert found.value == pytest.approx(0.5**2 / 3 + (0.5 / points) ** 2 / 6, abs=1e-14)


def test_the_last_segment_counts_as_far_as_asked():
    jsd, tvd = np.array([0.2, 0.6]), np.array([0.0, 0.4])
    # 0 up to .2, then slope 1: at .4 it is .2.
    assert area(jsd, tvd, 0.4).value == pytest.approx(0.5 * 0.2 * 0.2 / 0.4, abs=1e-15)


def test_what_lies_above_the_hull_and_the_order_of_adversaries_change_nothing():
    jsd, tvd = np.array([0.2, 0.5, 0.69]), np.array([0.01, 0.1, 0.4])
    expected = area(jsd, tvd, 0.6).value
    more = np.append(jsd, [0.3, 0.45, 0.0, 0.2]), np.append(tvd, [0.2, 0.45, 0.1, 0.01])
    order = np.random.default_rng(0).permutation(7)
    assert area(*more, 0.6).value == pytest.approx(expected, abs=1e-15)
    assert area(more[0][order], more[1][order], 0.6).value == pytest.approx(expected, abs=1e-15)
    assert corners(jsd, tvd) == [0, 1, 2] and set(corners(*more)) <= {0, 1, 2, 6}


def test_an_adversary_too_many_on_a_line_is_no_corner():
    assert corners(np.array([0.2, 0.4, 0.3]), np.array([0.1, 0.2, 0.15])) == [1]


@pytest.mark.parametrize("seed", range(5))
def test_the_frontier_is_what_a_lottery_over_adversaries_costs(seed):
    rng = np.random.default_rng(seed)
    jsd, tvd = rng.uniform(0, 0.69, 6), rng.uniform(0, 0.5, 6)
    to = 0.9 * jsd.max()
    grid = np.linspace(0, to, 401)
    costs = np.array([cheapest(jsd, tvd, x) for x in grid])
    assert area(jsd, tvd, to).value == pytest.approx(np.trapezoid(costs, grid) / to, abs=1e-5)


def test_a_divergence_that_none_reaches_has_no_area():
    assert np.isnan(area(np.array([0.2, 0.39]), np.array([0.1, 0.2]), 0.4).value)
    assert np.isnan(area(np.array([]), np.array([]), 0.4).value)
    assert not np.isnan(area(np.array([0.4]), np.array([0.1]), 0.4).value)


def test_an_attention_that_moves_for_nothing_has_none():
    assert area(np.array([0.5, 0.6]), np.array([0.0, 0.2]), 0.5).value == 0


def test_derivatives_are_those_of_small_steps():
    jsd, tvd = np.array([0.15, 0.35, 0.3, 0.6]), np.array([0.005, 0.06, 0.2, 0.3])
    found, step = area(jsd, tvd, 0.5), 1e-7
    for place in range(4):
        e = step * (np.arange(4) == place)
        by_jsd = (area(jsd + e, tvd, 0.5).value - area(jsd - e, tvd, 0.5).value) / (2 * step)
        by_tvd = (area(jsd, tvd + e, 0.5).value - area(jsd, tvd - e, 0.5).value) / (2 * step)
        assert found.by_jsd[place] == pytest.approx(by_jsd, abs=1e-7)
        assert found.by_tvd[place] == pytest.approx(by_tvd, abs=1e-7)
    assert found.by_tvd[2] == found.by_jsd[2] == 0 and abs(found.by_jsd[3]) > 1e-3


def planted(n=400, seeds=3, seed=0):
    """Three adversaries whose texts and seeds scatter around points on a convex curve."""
    rng = np.random.default_rng(seed)
    shape = (3, seeds, n)
    jsd = np.array([0.2, 0.4, 0.6])[:, None, None] + rng.normal(0, 0.05, shape) + rng.normal(0, 0.02, (1, 1, n))
    tvd = np.array([0.01, 0.06, 0.2])[:, None, None] + rng.normal(0, 0.03, shape) + rng.normal(0, 0.01, (1, seeds, 1))
    return jsd, tvd


def test_linearised_values_have_the_area_of_the_mean_points_as_their_mean():
    jsd, tvd = planted()
    values = linearised(jsd, tvd, 0.5)
    assert values.mean() == pytest.approx(area(jsd.mean(axis=(1, 2)), tvd.mean(axis=(1, 2)), 0.5).value, abs=1e-15)


def test_they_vary_as_the_jackknife_has_it():
    jsd, tvd = planted(n=80, seeds=1)
    n = jsd.shape[2]
    left = [area(*(np.delete(one, i, axis=2).mean(axis=(1, 2)) for one in (jsd, tvd)), 0.5).value for i in range(n)]
    jackknife = (n - 1) / n * ((np.array(left) - np.mean(left)) ** 2).sum()
    assert linearised(jsd, tvd, 0.5).var(ddof=1) / n == pytest.approx(jackknife, rel=0.05)


def test_a_text_that_one_adversary_lacks_counts_for_none():
    jsd, tvd = planted(n=50)
    jsd[1, 2, 7] = tvd[0, 0, 3] = np.nan
    values = linearised(jsd, tvd, 0.5)
    assert np.argwhere(np.isnan(values)).tolist() == [[0, 3], [2, 7]]
    used = ~np.isnan(values)
    expected = area(jsd[:, used].mean(axis=1), tvd[:, used].mean(axis=1), 0.5).value
    assert values[used].mean() == pytest.approx(expected, abs=1e-15)


def test_without_an_area_or_a_text_there_are_no_values():
    jsd, tvd = planted(n=20)
    assert np.isnan(linearised(jsd, tvd, 0.69)).all()
    assert np.isnan(linearised(np.full_like(jsd, np.nan), tvd, 0.5)).all()
