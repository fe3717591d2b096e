"""Attention within a slab. Expected numbers: random admissible attention, scipy's optimisers, slow enumeration."""

import math

import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from scipy.spatial.distance import jensenshannon

from attnexplain.experiments.slab import (
    LN2,
    jensen_shannon,
    jensen_shannon_on,
    jensen_shannon_towards,
    least_mass,
    log_ratio,
    nearest_to_uniform,
    positive,
)
from slabs import instance, interval

EPSILONS = [0.01, 0.05, 0.3]


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
