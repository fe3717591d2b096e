"""Dot-product attention. Expected numbers: by hand."""

import pytest
import torch

from attnexplain.models.attention.dot import Dot


@torch.no_grad()
def test_scores_by_hand():
    attention = Dot(4)
    attention.vector.weight.copy_(torch.tensor([[1.0, -2.0, 0.0, 3.0]]))
    states = torch.tensor([[[1.0, 1.0, 9.0, 1.0], [2.0, 0.0, 0.0, -1.0]]])
    scores = attention(states, torch.ones(1, 2, dtype=torch.bool))
    assert scores[0].tolist() == pytest.approx([2 / 2, -1 / 2], abs=1e-6)  # divided by sqrt(4)


def test_the_query_is_all_there_is():
    assert [tuple(parameter.shape) for parameter in Dot(4).parameters()] == [(1, 4)]


@torch.no_grad()
def test_scores_under_a_question_by_hand():
    attention, states = Dot(4, 4), torch.tensor([[[1.0, 1.0, 9.0, 1.0], [2.0, 0.0, 0.0, -1.0]]])
    scores = attention(states, torch.ones(1, 2, dtype=torch.bool), torch.tensor([[1.0, -2.0, 0.0, 3.0]]))
    assert scores[0].tolist() == pytest.approx([2 / 2, -1 / 2], abs=1e-6)
    assert not list(attention.parameters())
