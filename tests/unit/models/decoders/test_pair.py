"""The decoder of pairs. Oracle: its formula in numpy."""

import numpy as np
import pytest
import torch

from attnexplain.models.decoders.pair import PairDecoder
from attnexplain.models.question import Query


@pytest.fixture
def decoder():
    torch.manual_seed(0)
    return PairDecoder(6, 4)


CONTEXT = torch.randn(3, 6, generator=torch.Generator().manual_seed(1))
QUESTION = torch.randn(3, 6, generator=torch.Generator().manual_seed(2))


@torch.no_grad()
def test_logits_follow_the_formula(decoder):
    w = {name: value.numpy() for name, value in decoder.state_dict().items()}
    first = CONTEXT.numpy() @ w["context.weight"].T + w["context.bias"]
    second = QUESTION.numpy() @ w["query.weight"].T + w["query.bias"]
    expected = np.tanh(first + second) @ w["output.weight"].T + w["output.bias"]
    np.testing.assert_allclose(decoder(CONTEXT, Query(QUESTION)), expected, atol=1e-6)


def test_the_hidden_layer_is_half_the_state(decoder):
    assert tuple(decoder.context.weight.shape) == tuple(decoder.query.weight.shape) == (3, 6)
    assert PairDecoder(1, 2).output.weight.shape == (2, 1)


def test_what_is_no_candidate_is_impossible_and_the_rest_as_ever(decoder):
    allowed = torch.tensor([[True, False, True, True], [True] * 4, [False, False, True, False]])
    plain, masked = decoder(CONTEXT, Query(QUESTION)), decoder(CONTEXT, Query(QUESTION, allowed))
    assert masked[allowed].equal(plain[allowed])
    assert masked[~allowed].eq(-torch.inf).all()
    assert masked.softmax(dim=-1)[~allowed].eq(0).all()


def test_gradients_are_finite_under_candidates(decoder):
    allowed = torch.tensor([[True, False, True, True]] * 3)
    point = CONTEXT.clone().requires_grad_()
    decoder(point, Query(QUESTION, allowed)).softmax(dim=-1)[:, 0].sum().backward()
    assert point.grad.isfinite().all() and point.grad.abs().sum() > 0


def test_a_pair_is_not_decoded_without_its_question(decoder):
    with pytest.raises(ValueError, match="question"):
        decoder(CONTEXT, None)
