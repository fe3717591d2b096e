"""Softmax over the attended tokens. Expected numbers: closed form."""

import math

import pytest
import torch

from attnexplain.models.normalisers.softmax import Softmax


def test_weights_are_proportional_to_exp_of_the_score():
    scores, attended = torch.tensor([[9.0, 0.0, math.log(3), 5.0]]), torch.tensor([[False, True, True, False]])
    assert Softmax()(scores, attended)[0].tolist() == pytest.approx([0, 0.25, 0.75, 0])


def test_large_scores_do_not_overflow():
    weights = Softmax()(torch.tensor([[1e4, 1e4]]), torch.ones(1, 2, dtype=torch.bool))
    assert weights[0].tolist() == [0.5, 0.5]


def test_nothing_attended_is_zero_and_has_a_zero_gradient():
    scores = torch.tensor([[1.0, 2.0], [1.0, 2.0]], requires_grad=True)
    weights = Softmax()(scores, torch.tensor([[False, False], [True, True]]))
    weights[:, 0].sum().backward()
    assert weights[0].tolist() == [0, 0]
    assert scores.grad[0].tolist() == [0, 0]
    assert scores.grad[1].abs().sum() > 0
