"""The farthest attention within a slab. Expected numbers: random admissible attention, scipy, slow enumeration."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.spatial.distance import jensenshannon
from scipy.special import expit

import reference
from attnexplain.experiments import farthest as pairs
from attnexplain.experiments.farthest import farthest, farthest_of_all, farthest_of_each
from attnexplain.experiments.slab import jensen_shannon
from slabs import instance, interval

EPSILONS = [0.01, 0.05, 0.3]


def solve(weights, v, bias, epsilon):
    return farthest(weights, v, interval(weights, v, bias, epsilon))


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(("scale", "ties"), [(3.0, False), (3.0, True), (0.1, False), (40.0, False), (0.0, False)])
def test_the_farthest_attention_equals_slow_enumeration_and_is_admissible(epsilon, scale, ties, sparse):
    for seed in range(40):
        weights, v, bias = instance(seed, scale=scale, ties=ties, sparse=sparse)
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
    monkeypatch.setattr(pairs, "PAIRS_AT_ONCE", 1000)
    pieces = solve(weights, v, bias, 0.01)
    assert pieces[0] == whole[0] and (pieces[1] == whole[1]).all()


def test_many_texts_at_once_are_as_each_by_itself(monkeypatch):
    texts = [instance(seed, length=length) for seed, length in enumerate([5, 0, 1, 12, 2, 1, 30, 0])]
    for epsilon in EPSILONS:
        ends = np.array([interval(*text, epsilon) for text in texts])
        alone = [solve(*text, epsilon) for text in texts]
        for at_once in (1 << 15, 7):
            monkeypatch.setattr(pairs, "PAIRS_AT_ONCE", at_once)
            found = farthest_of_each([text[0] for text in texts], [text[1] for text in texts], *ends.T)
            assert found.distance.tolist() == [distance for distance, _ in alone]
            for attention, (_, expected) in zip(found.attention, alone, strict=True):
                assert attention.tolist() == expected.tolist()


def test_over_any_attention_the_least_attended_token_alone_is_the_farthest():
    for seed in range(20):
        weights = instance(seed)[0]
        distance, attention = farthest_of_all(weights)
        assert jensenshannon(weights, attention) ** 2 == pytest.approx(distance, abs=1e-12)
        tried = np.eye(len(weights))
        assert jensen_shannon(weights, tried).max() == pytest.approx(distance, abs=1e-12)
    assert farthest_of_all(np.ones(1))[0] == 0 and farthest_of_all(np.empty(0))[0] == 0
