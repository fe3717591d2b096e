"""Sparsemax. Expected numbers: closed form on two tokens, every support tried, and scipy's constrained minimum."""

from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from attnexplain.models.normalisers.sparsemax import Sparsemax


def weights(scores):
    return Sparsemax()(torch.tensor([scores], dtype=torch.float64), torch.ones(1, len(scores), dtype=torch.bool))[0]


def nearest(scores):
    """The nearest point of the simplex: of every support the nearest with that sum, if none of it is negative."""
    found = []
    for size in range(1, len(scores) + 1):
        for support in map(list, combinations(range(len(scores)), size)):
            point = np.zeros(len(scores))
            point[support] = scores[support] + (1 - scores[support].sum()) / size
            found += [point] if (point >= 0).all() else []
    return min(found, key=lambda point: ((point - scores) ** 2).sum())


@pytest.mark.parametrize("gap", [-3.0, -1.0, -0.4, 0.0, 0.25, 0.999, 1.0, 1.5])
def test_of_two_tokens_the_first_has_half_of_one_and_the_gap(gap):
    first = min(max((1 + gap) / 2, 0), 1)
    assert weights([2.0 + gap, 2.0]).tolist() == pytest.approx([first, 1 - first], abs=1e-15)


def test_three_tokens_by_hand():
    # The threshold is (1.0 + 0.6 - 1) / 2 = 0.3, above the third score.
    assert weights([1.0, 0.6, 0.2]).tolist() == pytest.approx([0.7, 0.3, 0.0], abs=1e-15)


@pytest.mark.parametrize("size", [2, 3, 5, 7])
def test_weights_are_the_nearest_point_of_the_simplex(size):
    for seed in range(30):
        scores = np.random.default_rng([size, seed]).normal(size=size)
        np.testing.assert_allclose(weights(scores.tolist()), nearest(scores), atol=1e-14)


def test_weights_are_scipys_constrained_minimum():
    scores = np.random.default_rng(3).normal(size=12)
    found = minimize(
        lambda point: ((point - scores) ** 2).sum(),
        np.full(12, 1 / 12),
        bounds=[(0, 1)] * 12,
        constraints={"type": "eq", "fun": lambda point: point.sum() - 1},
        options={"ftol": 1e-14},
    )
    np.testing.assert_allclose(weights(scores.tolist()), found.x, atol=1e-6)
