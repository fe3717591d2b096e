"""Additive attention. Expected numbers: by hand."""

import math

import pytest
import torch

from attnexplain.models.attention.additive import Additive


@torch.no_grad()
def test_scores_by_hand():
    attention = Additive(2, hidden=None)  # one hidden unit
    attention.hidden.weight.copy_(torch.tensor([[2.0, -1.0]]))
    attention.hidden.bias.copy_(torch.tensor([0.5]))
    attention.vector.weight.copy_(torch.tensor([[3.0]]))
    scores = attention(torch.tensor([[[1.0, 1.0], [0.0, 2.0]]]), torch.ones(1, 2, dtype=torch.bool))
    assert scores[0].tolist() == pytest.approx([3 * math.tanh(1.5), 3 * math.tanh(-1.5)], abs=1e-6)


def test_the_hidden_layer_is_half_the_state_unless_told():
    assert Additive(256, hidden=None).hidden.weight.shape == (128, 256)
    assert Additive(256, hidden=7).hidden.weight.shape == (7, 256)


def test_the_score_vector_has_no_bias():
    assert Additive(4, hidden=None).vector.bias is None


@torch.no_grad()
def test_scores_under_a_question_by_hand():
    attention = Additive(2, 1, hidden=1)
    attention.hidden.weight.copy_(torch.tensor([[2.0, -1.0]]))
    attention.hidden.bias.copy_(torch.tensor([0.5]))
    attention.query.weight.copy_(torch.tensor([[4.0]]))
    attention.query.bias.copy_(torch.tensor([-1.0]))
    attention.vector.weight.copy_(torch.tensor([[3.0]]))
    states, query = torch.tensor([[[1.0, 1.0], [0.0, 2.0]]] * 2), torch.tensor([[0.25], [0.5]])
    scores = attention(states, torch.ones(2, 2, dtype=torch.bool), query)
    assert scores[0].tolist() == pytest.approx([3 * math.tanh(1.5), 3 * math.tanh(-1.5)], abs=1e-6)  # + 1 - 1
    assert scores[1].tolist() == pytest.approx([3 * math.tanh(2.5), 3 * math.tanh(-0.5)], abs=1e-6)  # + 2 - 1


def test_a_single_text_has_no_parameter_of_a_question():
    assert sorted(Additive(4, hidden=None).state_dict()) == ["hidden.bias", "hidden.weight", "vector.weight"]
