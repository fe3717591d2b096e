"""Distances. Expected numbers: by hand, scipy's city-block distance halved, scipy's relative entropy."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cityblock
from scipy.stats import entropy

from attnexplain.models.distances import kullback_leibler, total_variation


def test_equal_is_zero_and_disjoint_is_one():
    p = torch.tensor([[0.2, 0.8], [1.0, 0.0]])
    q = torch.tensor([[0.2, 0.8], [0.0, 1.0]])
    assert total_variation(p, q).tolist() == [0.0, 1.0]


def test_two_classes_give_the_difference_of_one():
    found = total_variation(torch.tensor([0.25, 0.75]), torch.tensor([0.5, 0.5]))
    assert found.item() == 0.25


def test_all_classes_count_and_axes_broadcast():
    p, q = torch.randn(2, 4, 3, 5, generator=torch.Generator().manual_seed(0)).softmax(-1)
    found = total_variation(p[:, :1], q)
    expected = [[cityblock(p[row, 0], q[row, draw]) / 2 for draw in range(3)] for row in range(4)]
    assert found.tolist() == [pytest.approx(row, abs=1e-6) for row in expected]


def test_kullback_leibler_equals_scipy_and_stays_finite_at_0():
    random = np.random.default_rng(0)
    p, q = (random.dirichlet(np.ones(6), 20) for _ in range(2))
    found = kullback_leibler(torch.from_numpy(p), torch.from_numpy(q))
    assert found.tolist() == pytest.approx(entropy(p, q, axis=-1).tolist(), abs=1e-12)
    zeros = torch.tensor([[0.0, 1.0], [1.0, 0.0]], requires_grad=True)
    divergence = kullback_leibler(zeros, zeros.flip(-1))
    divergence.sum().backward()
    assert divergence.tolist() == pytest.approx([math.log(1e10)] * 2, rel=1e-6) and zeros.grad.isfinite().all()
