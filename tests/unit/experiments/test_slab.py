"""Attention within a slab. Expected numbers: random admissible attention, scipy's optimisers, slow enumeration."""

import math

import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from scipy.spatial.distance import jensenshannon
from scipy.special import expit

import reference
from attnexplain.experiments import slab as slabs
from attnexplain.experiments.slab import (
    LN2,
    farthest,
    jensen_shannon,
    jensen_shannon_on,
    jensen_shannon_towards,
    least_mass,
    log_ratio,
    nearest_to_uniform,
    positive,
    slab,
)

EPSILONS = [0.01, 0.05, 0.3]


def instance(seed, length=None, scale=3.0, ties=False):
    random = np.random.default_rng(seed)
    length = int(random.integers(2, 12)) if length is None else length
    v = random.normal(0, scale, length)
    return random.dirichlet(np.full(length, 0.5)), v.round() if ties else v, float(random.normal())


def interval(weights, v, bias, epsilon):
    z = float(weights @ v) + bias
    return slab(z, bias, float(positive(z)), float(positive(-z)), epsilon)


def solve(weights, v, bias, epsilon):
    return farthest(weights, v, interval(weights, v, bias, epsilon))


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize(("scale", "ties"), [(3.0, False), (3.0, True), (0.1, False), (40.0, False), (0.0, False)])
def test_the_farthest_attention_equals_slow_enumeration_and_is_admissible(epsilon, scale, ties):
    for seed in range(40):
        weights, v, bias = instance(seed, scale=scale, ties=ties)
        distance, attention = solve(weights, v, bias, epsilon)
        assert distance == pytest.approx(reference.adversary_exact(weights, v, bias, epsilon), abs=1e-12)
        assert attention.sum() == pytest.approx(1, abs=1e-12) and attention.min() >= 0
        assert abs(expit(attention @ v + bias) - expit(weights @ v + bias)) <= epsilon + 1e-12
        assert jensenshannon(weights, attention) ** 2 == pytest.approx(distance, abs=1e-12)
        assert (attention > 0).sum() <= 2


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_no_random_admissible_attention_is_farther(epsilon):
    admitted = 0
    for seed in range(40):
        weights, v, bias = instance(seed, length=2 + seed % 4)
        random = np.random.default_rng(seed)
        tried = np.concatenate([random.dirichlet(np.full(len(v), alpha), 500) for alpha in (0.05, 0.3, 1.0)])
        # Towards the learned attention until within epsilon: points on the boundary too.
        for share in (1.0, 0.6, 0.2):
            points = share * tried + (1 - share) * weights
            inside = points[abs(expit(points @ v + bias) - expit(weights @ v + bias)) <= epsilon]
            admitted += len(inside)
            assert jensen_shannon(weights, inside).max(initial=0) <= solve(weights, v, bias, epsilon)[0] + 1e-12
    assert admitted > 1000


def test_a_general_optimiser_comes_close_and_never_above():
    gaps = []
    for seed in range(8):
        weights, v, bias = instance(seed, length=4)
        low, high = np.clip(interval(weights, v, bias, 0.05), -1e3, 1e3)  # an open side, as scipy can take it
        limits = [
            {"type": "eq", "fun": lambda a: a.sum() - 1},
            {"type": "ineq", "fun": lambda a, v=v, low=low, high=high: np.array([a @ v - low, high - a @ v])},
        ]
        starts = np.random.default_rng(seed).dirichlet(np.full(4, 0.5), 12)
        best = 0.0
        for start in starts:
            found = minimize(
                lambda a, w=weights: -float(jensen_shannon(w, a.clip(0))),
                start,
                method="SLSQP",
                bounds=[(0, 1)] * 4,
                constraints=limits,
            )
            if low - 1e-9 <= found.x @ v <= high + 1e-9 and abs(found.x.sum() - 1) < 1e-9:
                best = max(best, float(-found.fun))
        gaps.append(solve(weights, v, bias, 0.05)[0] - best)
    assert min(gaps) > -1e-6
    assert np.median(gaps) < 1e-3


@pytest.mark.parametrize("bias", [-40.0, -8.0, 8.0, 40.0, 800.0])
def test_a_saturated_prediction_leaves_one_side_open(bias):
    weights, v, _ = instance(3, length=6)
    low, high = interval(weights, v, bias, 0.01)
    assert (math.isinf(low), math.isinf(high)) == (bias < 0, bias > 0)
    if abs(bias) < 700:
        expected = reference.adversary_exact(weights, v, bias, 0.01)
        assert solve(weights, v, bias, 0.01)[0] == pytest.approx(expected, abs=1e-12)
    else:
        assert solve(weights, v, bias, 0.01)[0] == pytest.approx(jensen_shannon(weights, np.eye(6)).max(), abs=1e-15)


def test_one_token_and_two_tokens_by_hand():
    assert farthest(np.ones(1), np.array([2.0]), (1.0, 3.0)) == (0.0, np.ones(1))
    # Two tokens of v = 0 and 1: a . v is the second's weight, so the ends of the interval are the only candidates.
    weights, v = np.array([0.5, 0.5]), np.array([0.0, 1.0])
    distance, attention = farthest(weights, v, (0.4, 0.7))
    assert attention.tolist() == pytest.approx([0.3, 0.7])
    assert distance == pytest.approx(jensenshannon([0.5, 0.5], [0.3, 0.7]) ** 2, abs=1e-15)


def test_equal_values_leave_the_prediction_alone_so_the_least_attended_token_takes_all():
    weights = np.array([0.2, 0.7, 0.1])
    distance, attention = farthest(weights, np.full(3, 0.4), (0.3, 0.5))
    assert attention.tolist() == [0, 0, 1]
    assert distance == pytest.approx(jensenshannon(weights, [0, 0, 1]) ** 2, abs=1e-15)


def test_long_texts_are_enumerated_in_pieces(monkeypatch):
    weights, v, bias = instance(5, length=300)
    whole = solve(weights, v, bias, 0.01)
    monkeypatch.setattr(slabs, "PAIRS_AT_ONCE", 1000)
    pieces = solve(weights, v, bias, 0.01)
    assert pieces[0] == whole[0] and (pieces[1] == whole[1]).all()


def test_divergence_is_scipys_and_bounded():
    random = np.random.default_rng(0)
    a, b = random.dirichlet(np.full(5, 0.2), 50), random.dirichlet(np.full(5, 0.2), 50)
    expected = [jensenshannon(x, y) ** 2 for x, y in zip(a, b, strict=True)]
    assert jensen_shannon(a, b).tolist() == pytest.approx(expected, abs=1e-14)
    assert jensen_shannon(np.array([1.0, 0]), np.array([0, 1.0])) == LN2
    assert jensen_shannon(a, a).tolist() == [0.0] * 50


def test_divergence_of_attention_on_few_tokens_or_towards_one_is_that_of_the_whole():
    random = np.random.default_rng(1)
    for _ in range(20):
        learned, held = random.dirichlet(np.full(6, 0.5)), random.dirichlet(np.ones(3))
        tokens, place = random.choice(6, 3, replace=False), random.random()
        whole = np.zeros(6)
        whole[tokens] = held
        expected = jensenshannon(whole, learned) ** 2
        assert jensen_shannon_on(learned[tokens], held) == pytest.approx(expected, abs=1e-14)
        expected = jensenshannon((1 - place) * learned + place * np.eye(6)[2], learned) ** 2
        assert jensen_shannon_towards(learned[2:3], np.array([place])) == pytest.approx(expected, abs=1e-14)


def test_ratios_open_where_a_probability_leaves_the_unit_interval():
    assert log_ratio(0.0, 1.0) == log_ratio(-0.1, 1.1) == -math.inf
    assert log_ratio(1.1, -0.1) == math.inf
    assert log_ratio(0.2, 0.8) == pytest.approx(math.log(0.25))
    assert positive(np.array([0.0, 800.0, -40.0])).tolist() == pytest.approx([0.5, 1.0, math.exp(-40)], rel=1e-14)


@pytest.mark.parametrize("epsilon", [0.01, 0.1])
def test_the_nearest_to_uniform_is_scipys(epsilon):
    moved = 0
    for seed in range(20):
        weights, v, bias = instance(seed, length=5, scale=1.5)
        low, high = interval(weights, v, bias, epsilon)
        found = nearest_to_uniform(v, (low, high))
        assert found.sum() == pytest.approx(1, abs=1e-12) and found.min() >= 0
        assert low - 1e-9 <= found @ v <= high + 1e-9
        low, high = np.clip((low, high), -1e3, 1e3)
        limits = [
            {"type": "eq", "fun": lambda a: a.sum() - 1},
            {"type": "ineq", "fun": lambda a, v=v, low=low, high=high: np.array([a @ v - low, high - a @ v])},
        ]
        theirs = minimize(
            lambda a: a.clip(1e-300) @ np.log(a.clip(1e-300)),
            weights,
            method="SLSQP",
            bounds=[(0, 1)] * 5,
            constraints=limits,
            options={"ftol": 1e-14, "maxiter": 500},
        )
        ours = found @ np.log(found.clip(1e-300))
        assert ours == pytest.approx(theirs.fun, abs=1e-6)
        moved += not np.allclose(found, 0.2)
    assert moved > 5


def test_uniform_is_nearest_where_it_is_admissible_and_one_token_where_the_end_is_the_greatest_value():
    v = np.array([0.0, 1.0, 3.0])
    assert nearest_to_uniform(v, (1.0, 2.0)).tolist() == pytest.approx([1 / 3] * 3)
    assert nearest_to_uniform(v, (3.0, np.inf)).tolist() == pytest.approx([0, 0, 1], abs=1e-9)
    assert nearest_to_uniform(v, (-np.inf, 0.0)).tolist() == pytest.approx([1, 0, 0], abs=1e-9)
    assert nearest_to_uniform(np.full(4, 0.3), (0.1, 0.2)).tolist() == [0.25] * 4
    assert nearest_to_uniform(np.array([2.0]), (1.0, 3.0)).tolist() == [1.0]
    assert nearest_to_uniform(np.empty(0), (-1.0, 1.0)).tolist() == []


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_the_least_mass_on_chosen_tokens_is_that_of_linear_programming(epsilon):
    positive_masses = 0
    for seed in range(100):
        weights, v, bias = instance(seed)
        chosen = np.random.default_rng(seed).random(len(v)) < 0.4
        low, high = np.clip(interval(weights, v, bias, epsilon), -1e3, 1e3)
        theirs = linprog(
            chosen.astype(float), A_ub=[v, -v], b_ub=[high, -low], A_eq=[np.ones(len(v))], b_eq=[1], bounds=(0, 1)
        )
        assert least_mass(v, chosen, (low, high)) == pytest.approx(theirs.fun, abs=1e-9)
        positive_masses += theirs.fun > 1e-3
    assert positive_masses > 3


def test_the_least_mass_where_all_tokens_or_none_are_chosen():
    v = np.array([1.0, 2.0])
    assert least_mass(v, np.array([True, True]), (0.0, 3.0)) == 1.0
    assert least_mass(v, np.array([False, False]), (0.0, 3.0)) == 0.0
