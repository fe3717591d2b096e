"""1.5-entmax. Expected numbers: closed form on two tokens; otherwise the threshold by bisection."""

import numpy as np
import pytest
import torch

from attnexplain.models.normalisers.entmax15 import Entmax15


def weights(scores):
    return Entmax15()(torch.tensor([scores], dtype=torch.float64), torch.ones(1, len(scores), dtype=torch.bool))[0]


def bisected(scores):
    """max(0, s / 2 - tau)^2 with the tau at which it sums to 1; the sum falls as tau rises."""
    half = np.asarray(scores) / 2
    low, high = half.max() - 1, half.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (np.maximum(0, half - middle) ** 2).sum() > 1 else (low, middle)
    return np.maximum(0, half - (low + high) / 2) ** 2


@pytest.mark.parametrize("gap", [-4.0, -2.0, -1.3, 0.0, 0.5, 1.99, 2.0, 3.0])
def test_two_tokens_in_closed_form(gap):
    # Roots r and r' of the weights differ by gap / 2 while both are positive, and r^2 + r'^2 = 1.
    half = np.clip(gap, -2, 2) / 4
    first = (np.sqrt(0.5 - half**2) + half) ** 2
    assert weights([2.0 + gap, 2.0]).tolist() == pytest.approx([first, 1 - first], abs=1e-12)


def test_three_tokens_by_hand():
    # Halved scores 0.2, 0, -0.9; the two first share: tau = 0.1 - sqrt(0.5 - 0.01) = -0.6.
    assert weights([0.4, 0.0, -1.8]).tolist() == pytest.approx([0.64, 0.36, 0.0], abs=1e-12)


@pytest.mark.parametrize("size", [2, 3, 6, 40, 300])
def test_weights_have_the_threshold_found_by_bisection(size):
    for seed in range(20):
        scores = 2 * np.random.default_rng([size, seed]).normal(size=size)
        np.testing.assert_allclose(weights(scores.tolist()), bisected(scores), atol=1e-12)
