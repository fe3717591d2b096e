"""Task scaling, by hand on two words, and in every text of a trained model's decoder."""

import pytest
import torch

from attnexplain.models.classifier import build_classifier
from regularisers import made, regularised
from tiny import VOCABULARY, tiny_batch

IDS = torch.tensor([[4, 5]])
EMBEDDED = torch.tensor([[[1.0, 2.0], [3.0, -1.0]]])
STATES = torch.tensor([[[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]]])


def scaled(kind, **parameters):
    """What becomes of the states of two words of ids 4 and 5 out of 6."""
    regulariser = made("tasc", kind=kind)
    given = {f"scale.{name.replace('__', '.')}": torch.tensor(value) for name, value in parameters.items()}
    regulariser.load_state_dict(given)
    return regulariser.values(IDS, EMBEDDED, STATES).tolist()


def test_a_weight_per_word():
    found = scaled("lin", weight=[[9.0]] * 4 + [[0.5], [-2.0]])
    assert found == [[[1.5, 15, 150], [-8, -80, -800]]]  # s = .5 (1 + 2) and -2 (3 - 1)


def test_a_weight_per_word_and_feature():
    found = scaled("feat", weight=[[9.0, 9.0]] * 4 + [[1.0, 0.5], [2.0, 4.0]])
    assert found == [[[2, 20, 200], [4, 40, 400]]]  # s = 1 + .5 x 2 and 2 x 3 - 4


def test_channels_over_weighted_words():
    kernel = [[1.0, 0.0]] * 5 + [[0.0, 0.1]] * 10
    found = scaled("conv", weight=[[9.0]] * 4 + [[2.0], [1.0]], channels__weight=kernel, channels__bias=[0.1] * 15)
    # s = 2 (5 x 1 + 10 x .1 x 2) + 1.5 and (5 x 3 - 10 x .1 x 1) + 1.5
    assert torch.tensor(found).allclose(STATES * torch.tensor([[[15.5], [15.5]]]))


@pytest.mark.parametrize("kind", ["lin", "feat"])
def test_weights_start_within_the_published_bounds(kind):
    weights = made("tasc", kind=kind).scale.weight
    assert weights.abs().max() <= 6**-0.5 and weights.unique().numel() == weights.numel()


@pytest.mark.parametrize("kind", ["lin", "feat", "conv"])
@torch.no_grad()
def test_the_decoder_reads_scaled_states_and_the_attention_states(kind):
    model = build_classifier(regularised(("tasc", {"kind": kind})), len(VOCABULARY)).eval()
    plain = build_classifier(regularised(), len(VOCABULARY)).eval()
    batch = tiny_batch()
    found, without = model(batch), plain(batch)
    torch.testing.assert_close(found.states, without.states)
    torch.testing.assert_close(found.weights, without.weights)
    for logits, weights, values, ids, states, embedded in zip(
        found.logits, found.weights, found.values, batch.token_ids, found.states, found.embedded, strict=True
    ):
        scales = model.regularisers["tasc"].scale(ids, embedded)
        expected = sum(weight * scale * state for weight, scale, state in zip(weights, scales, states, strict=True))
        torch.testing.assert_close(logits, model.decoder(expected[None], None)[0])
        torch.testing.assert_close(values, scales[:, None] * states)
