"""Orthogonal LSTM: by hand on two words, against PyTorch's cell written out, and as part of a model."""

import math

import pytest
import torch
from torch import nn

from attnexplain.attribution.leave_one_out import LeaveOneOut
from attnexplain.attribution.shortened import shortened
from attnexplain.models.classifier import build_classifier
from attnexplain.models.encoders.projection import Whole, projection
from attnexplain.objectives.orthogonal import OrthogonalLSTM
from regularisers import regularised
from tiny import VOCABULARY, pair_spec, plugin, tiny_batch


def test_two_words():
    """Gates open, nothing remembered, input weights 1: h = tanh(tanh(x)) but for what is taken out."""
    layer = nn.LSTM(2, 2, batch_first=True)
    for parameter in layer.parameters():
        parameter.data.zero_()
    layer.weight_ih_l0.data[4:6] = torch.eye(2)
    layer.bias_ih_l0.data = torch.tensor([99.0, 99, -99, -99, 0, 0, 99, 99])
    states, _ = OrthogonalLSTM(layer)(torch.tensor([[[1.0, 0.0], [1.0, 1.0]]]))
    value = math.tanh(math.tanh(1.0))
    torch.testing.assert_close(states, torch.tensor([[[value, 0.0], [0.0, value]]]), atol=1e-5, rtol=0)


def test_each_state_is_that_of_the_cell_without_its_share_in_the_mean_of_those_before():
    torch.manual_seed(0)
    layer = nn.LSTM(3, 5, batch_first=True).double()
    cell = nn.LSTMCell(3, 5).double()
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})
    inputs = torch.randn(2, 6, 3, dtype=torch.float64)
    states, _ = OrthogonalLSTM(layer)(inputs)
    hidden = memory = torch.zeros(2, 5, dtype=torch.float64)
    for step in range(6):
        hidden, memory = cell(inputs[:, step], (hidden, memory))
        if step:
            mean = states[:, :step].mean(dim=1)
            hidden = hidden - (hidden * mean).sum(1, keepdim=True) / mean.square().sum(1, keepdim=True) * mean
            assert (states[:, step] * mean).sum(dim=1).abs().max() < 1e-4
        torch.testing.assert_close(states[:, step], hidden, atol=1e-4, rtol=0)


@torch.no_grad()
def test_a_model_has_the_parameters_of_the_plain_one_and_other_states():
    model, plain = (build_classifier(regularised(*names), len(VOCABULARY)).eval() for names in (["orthogonal"], []))
    for found, expected in zip(model.parameters(), plain.parameters(), strict=True):
        assert found.equal(expected)
    batch = tiny_batch()
    states, before = model(batch).states, plain(batch).states
    assert not torch.allclose(states, before)
    torch.testing.assert_close(states[:, 0, :4], before[:, 0, :4])  # the first state has none before it
    assert states[~batch.mask].eq(0).all()


def test_no_shortcut_of_the_plain_encoder_is_taken():
    model = build_classifier(regularised("orthogonal"), len(VOCABULARY)).eval()
    assert isinstance(projection(model.encoder, torch.zeros(8, 3, 8)), Whole)
    assert shortened(model, 64) is None
    assert LeaveOneOut(model, tokens_per_batch=64, seed=1).explain(tiny_batch()).scores.max() > 0


def test_the_question_of_a_pair_is_read_in_the_same_way():
    spec = pair_spec(regulariser=[plugin("regulariser", "orthogonal")])
    model = build_classifier({**spec, "dataset": {**spec["dataset"], "classes": ["a", "b", "c"]}}, len(VOCABULARY))
    assert type(model.question.encoder) is type(model.encoder)
    assert isinstance(model.question.encoder.inner.rightward, OrthogonalLSTM)


@pytest.mark.parametrize("members", [["orthogonal", "concat"], ["orthogonal", "diversity", "tying"]])
@torch.no_grad()
def test_it_combines(members):
    model, batch = build_classifier(regularised(*members), len(VOCABULARY)).eval(), tiny_batch()
    plain = build_classifier(regularised("orthogonal"), len(VOCABULARY)).eval()
    embedded = model.embed(batch.token_ids)
    torch.testing.assert_close(model.encode(embedded, batch.mask)[..., :8], plain.encode(embedded, batch.mask))
