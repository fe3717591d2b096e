"""What both sparse normalisers keep. Expected: differences in float64, limits, the row without what is left out."""

import pytest
import torch

from attnexplain import registry

MARGIN = {"sparsemax": 1.0, "entmax15": 2.0}  # a score so far below the highest has no weight
ROW = torch.tensor([True, True, True, True])

each = pytest.mark.parametrize("name", MARGIN)


def normaliser(name):
    return registry.load("normaliser", name)()


def noise(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@each
@pytest.mark.parametrize("spread", [0.1, 1.0, 5.0])
def test_gradients_are_those_of_differences(name, spread):
    attended = torch.tensor([[True] * 6, [False, True, True, True, True, False], [False] * 6])
    scores = (spread * noise(3, 6, seed=4)).requires_grad_()
    weights = normaliser(name)(scores, attended)
    assert 1 <= (weights[0] > 0).sum() <= 6
    assert torch.autograd.gradcheck(lambda given: normaliser(name)(given, attended), scores)


@each
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_zeros_are_zero_and_the_rest_sums_to_one(name, dtype):
    scores = (3 * noise(50, 40)).to(dtype)
    weights = normaliser(name)(scores, torch.ones(50, 40, dtype=torch.bool))
    zeros = weights == 0
    assert zeros.any(dim=-1).all() and (~zeros).any(dim=-1).all()
    assert (weights[~zeros] > 0).all()
    assert zeros[scores <= scores.amax(dim=-1, keepdim=True) - MARGIN[name]].all()
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(50, dtype=dtype), atol=1e-6, rtol=0)


@each
def test_equal_scores_have_equal_weights(name):
    weights = normaliser(name)(torch.full((1, 4), 7.0), ROW[None])
    assert weights[0].tolist() == [0.25] * 4


@each
@pytest.mark.parametrize("height", [1e-3, 1.0, 1e6])
def test_one_score_far_above_the_others_has_all_weight_and_no_gradient(name, height):
    scores = torch.tensor([[0.0, MARGIN[name] + height, 0.0, -1.0]], requires_grad=True)
    weights = normaliser(name)(scores, ROW[None])
    weights[0, 1].backward()
    assert weights[0].tolist() == [0, 1, 0, 0]
    assert scores.grad[0].tolist() == [0, 0, 0, 0]


@each
def test_a_token_alone_has_all_weight(name):
    weights = normaliser(name)(torch.tensor([[5.0, -3.0, 9.0]]), torch.tensor([[False, True, False]]))
    assert weights[0].tolist() == [0, 1, 0]


@each
def test_what_is_left_out_changes_nothing_whatever_its_score(name):
    scores, attended = noise(1, 7), torch.tensor([[False, True, True, False, True, True, False]])
    alone = normaliser(name)(scores[:, attended[0]], torch.ones(1, 4, dtype=torch.bool))
    high = scores.masked_fill(~attended, 1e4)
    for given in (scores, high):
        weights = normaliser(name)(given, attended)
        assert weights[attended].equal(alone[0])
        assert weights[~attended].eq(0).all()


@each
def test_nothing_attended_is_zero_and_has_a_zero_gradient(name):
    scores = torch.tensor([[1.0, 2.0], [1.0, 1.5]], requires_grad=True)
    weights = normaliser(name)(scores, torch.tensor([[False, False], [True, True]]))
    weights[:, 0].sum().backward()
    assert weights[0].tolist() == [0, 0]
    assert scores.grad[0].tolist() == [0, 0]
    assert scores.grad[1].abs().sum() > 0


@each
def test_long_texts_sum_to_one_in_single_precision(name):
    scores = torch.cat([0.01 * noise(1, 4000), torch.zeros(1, 4000)]).float()
    weights = normaliser(name)(scores, torch.ones(2, 4000, dtype=torch.bool))
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2), atol=1e-5, rtol=0)


@each
def test_scores_of_any_height_do_not_overflow(name):
    weights = normaliser(name)(torch.tensor([[1e30, 1e30, -1e30]]), torch.ones(1, 3, dtype=torch.bool))
    assert weights[0].tolist() == pytest.approx([0.5, 0.5, 0.0])
