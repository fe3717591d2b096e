"""Encoders as an affine map and the rest. Expected numbers: the encoder's states, autograd through it, gradcheck."""

import pytest
import torch

from attnexplain.models.encoders.lstm_projection import LSTMProjection
from attnexplain.models.encoders.projection import Whole, projection
from attnexplain.models.encoders.recurrence import recurrence
from attnexplain.registry import COMPANIONS, load
from tiny import plugin

ENCODERS = [*sorted(COMPANIONS["projections"]), "lstm, bidirectional"]
LENGTHS = [7, 3, 5, 7, 1]


def case(name):
    """An encoder in float64 and texts of LENGTHS, padded with zeros."""
    torch.manual_seed(1)
    name, _, directions = name.partition(", ")
    options = plugin("encoder", name, hidden=4)["options"] | ({"bidirectional": True} if directions else {})
    encoder = load("encoder", name)(6, **options).double().requires_grad_(False)
    mask = torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]
    return encoder, torch.randn(*mask.shape, 6).double() * mask[..., None], mask


def own(encoder, embedded):
    found = projection(encoder, embedded)
    assert not isinstance(found, Whole)
    return found


@pytest.mark.parametrize("name", ENCODERS)
def test_the_rest_makes_the_encoders_states(name):
    encoder, embedded, mask = case(name)
    found = own(encoder, embedded)
    states = found.states(found.linear(embedded, mask) + found.bias, mask)
    torch.testing.assert_close(states, encoder(embedded, mask), atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", ENCODERS)
def test_the_map_is_linear_so_that_a_line_through_the_embeddings_is_one(name):
    encoder, embedded, mask = case(name)
    found, other = own(encoder, embedded), embedded.flip(0) * mask[..., None]
    both = found.linear(embedded, mask) + 0.3 * found.linear(other, mask)
    torch.testing.assert_close(both, found.linear(embedded + 0.3 * other, mask), atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", ENCODERS)
def test_what_moves_along_the_embeddings_is_autograds(name):
    encoder, embedded, mask = case(name)
    found, torch_point = own(encoder, embedded), embedded.clone().requires_grad_()
    weight = torch.randn(*mask.shape, encoder.size, dtype=torch.float64)
    (gradient,) = torch.autograd.grad((encoder(torch_point, mask) * weight).sin().sum(), torch_point)

    linear = found.linear(embedded, mask)
    given = (linear + found.bias).requires_grad_()
    (slope,) = torch.autograd.grad((found.states(given, mask) * weight).sin().sum(), given)
    expected = (embedded * gradient).sum(dim=-1)
    assert expected.abs().max() > 0.1
    torch.testing.assert_close(found.along(embedded, linear, slope), expected, atol=1e-12, rtol=0)


def test_the_recurrence_is_differentiated_correctly():
    torch.manual_seed(2)
    gates = torch.randn(4, 2, 3, 12, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 3, 12, dtype=torch.float64)
    kept = torch.ones(4, 2, 3, dtype=torch.bool)
    kept[0, 1, 0] = kept[:2, 1, 2] = False
    assert torch.autograd.gradcheck(lambda given: recurrence(given, weight, kept), gates)


def test_few_texts_and_encoders_without_a_projection_are_taken_whole():
    encoder, embedded, mask = case("bilstm")
    few = LSTMProjection.FEWEST - 1
    whole = projection(encoder, embedded[:few])
    assert isinstance(whole, Whole)
    assert isinstance(projection(torch.nn.Identity(), embedded), Whole)
    assert torch.equal(whole.linear(embedded, mask), embedded)
    assert torch.equal(whole.states(embedded[:few], mask[:few]), encoder(embedded[:few], mask[:few]))
