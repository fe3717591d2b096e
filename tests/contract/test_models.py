"""What every registered encoder, attention and normaliser keeps, built-in or from another package."""

import pytest
import torch

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import build_classifier
from attnexplain.registry import facts, load, targets
from explaining import needs_base
from tiny import VOCABULARY, plugin, tiny_batch, tiny_spec

each_encoder = pytest.mark.parametrize("name", sorted(targets("encoder")))
# Attention that scores states; the one that imposes another model's weights is tested in whole classifiers.
SCORERS = [name for name in sorted(targets("attention")) if not needs_base(name)]
each_attention = pytest.mark.parametrize("name", SCORERS)
each_normaliser = pytest.mark.parametrize("name", sorted(targets("normaliser")))

LENGTHS = torch.tensor([5, 9, 2, 3])
MASK = torch.arange(9) < LENGTHS[:, None]
ATTENDED = MASK & (torch.arange(9) > 0) & (torch.arange(9) < LENGTHS[:, None] - 1)  # the third row: none


def make(family, name, *sizes):
    torch.manual_seed(0)
    return load(family, name)(*sizes, **plugin(family, name)["options"]).eval()


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("family", "name"),
    [(family, name) for family in ("encoder", "attention", "normaliser") for name in sorted(targets(family))],
)
def test_facts_are_complete(family, name):
    found = facts(family, name)
    assert found["name"] == name
    assert found["title"] and found["citation"]
    assert isinstance(found["needs"], list)
    for option in found["options"].values():
        assert {"type", "default", "description"} <= option.keys()


@each_encoder
@torch.no_grad()
def test_states_do_not_depend_on_the_batch_nor_on_what_stands_at_padding(name):
    encoder, embedded = make("encoder", name, 6), noise(4, 9, 6)
    states = encoder(embedded, MASK)
    assert states.shape == (4, 9, encoder.size)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = encoder(embedded[row : row + 1, :length], MASK[row : row + 1, :length])
        torch.testing.assert_close(states[row, :length], alone[0], atol=1e-6, rtol=0)
    assert states[~MASK].eq(0).all()


@each_encoder
@torch.no_grad()
def test_the_last_hidden_state_of_a_text_does_not_depend_on_the_batch(name):
    encoder, embedded = make("encoder", name, 6), noise(4, 9, 6)
    found = encoder.last_hidden(encoder(embedded, MASK), MASK)
    assert found.shape == (4, encoder.size)
    for row, length in enumerate(LENGTHS.tolist()):
        mask = MASK[row : row + 1, :length]
        alone = encoder.last_hidden(encoder(embedded[row : row + 1, :length], mask), mask)
        torch.testing.assert_close(found[row], alone[0], atol=1e-6, rtol=0)


@each_encoder
def test_gradients_reach_real_positions_and_no_others(name):
    encoder, embedded = make("encoder", name, 6), noise(4, 9, 6).requires_grad_()
    (encoder(embedded, MASK) * noise(4, 9, encoder.size)).sum().backward()
    reached = embedded.grad.abs().sum(dim=-1) > 0
    assert reached.equal(MASK)


@each_encoder
@torch.no_grad()
def test_an_encoder_works_in_double_precision(name):
    encoder, embedded = make("encoder", name, 6), noise(4, 9, 6)
    double = encoder(embedded, MASK).double()
    torch.testing.assert_close(encoder.double()(embedded.double(), MASK), double, atol=1e-5, rtol=0)


@each_attention
@torch.no_grad()
def test_scores_are_one_per_position_and_do_not_depend_on_the_batch(name):
    attention, states = make("attention", name, 8), noise(4, 9, 8)
    scores = attention(states, ATTENDED)
    assert scores.shape == (4, 9)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = attention(states[row : row + 1, :length], ATTENDED[row : row + 1, :length])[0]
        real = ATTENDED[row, :length]
        torch.testing.assert_close(scores[row, :length][real], alone[real], atol=1e-6, rtol=0)


@each_attention
@torch.no_grad()
def test_scores_under_a_question_are_those_of_the_own_question(name):
    torch.manual_seed(0)
    attention = load("attention", name)(8, 8, **plugin("attention", name)["options"]).eval()
    states, query = noise(4, 9, 8), noise(2, 4, 8)[1]
    scores = attention(states, ATTENDED, query)
    for row in range(4):
        alone = attention(states[row : row + 1], ATTENDED[row : row + 1], query[row : row + 1])[0]
        torch.testing.assert_close(scores[row][ATTENDED[row]], alone[ATTENDED[row]], atol=1e-6, rtol=0)


@each_normaliser
def test_weights_are_a_distribution_over_attended_tokens(name):
    weights = make("normaliser", name)(3 * noise(4, 9), ATTENDED)
    torch.testing.assert_close(weights.sum(dim=-1), ATTENDED.any(dim=-1).float())
    assert weights[~ATTENDED].eq(0).all()
    assert weights.ge(0).all()


@each_normaliser
def test_gradients_are_finite_also_where_nothing_is_attended(name):
    scores = noise(4, 9).requires_grad_()
    (make("normaliser", name)(scores, ATTENDED) * noise(4, 9)).sum().backward()
    assert scores.grad.isfinite().all()
    assert scores.grad[~ATTENDED].eq(0).all()


@each_normaliser
def test_a_higher_score_never_has_the_lower_weight_and_order_does_not_matter(name):
    normaliser, scores = make("normaliser", name), noise(1, 6)
    weights = normaliser(scores, torch.ones(1, 6, dtype=torch.bool))[0]
    assert weights[scores[0].argsort()].diff().ge(0).all()
    turned = normaliser(scores.flip(-1), torch.ones(1, 6, dtype=torch.bool))[0]
    torch.testing.assert_close(turned.flip(-1), weights)


@pytest.mark.parametrize("classes", [2, 3])
@each_encoder
@pytest.mark.parametrize("attention", sorted(targets("attention")))
@torch.no_grad()
def test_a_classifier_says_the_same_of_a_text_in_any_batch(name, attention, classes):
    base = build_classifier(tiny_spec("cnn", "dot", classes=classes), len(VOCABULARY)).eval()
    model = build_classifier(tiny_spec(name, attention, classes=classes), len(VOCABULARY), base=base).eval()
    batch = tiny_batch(classes=classes)
    logits = model(batch).logits
    for row in range(len(batch.index)):
        kept = batch.mask[row]
        parts = (part[row : row + 1, kept] for part in (batch.token_ids, batch.mask, batch.attended))
        alone = model(Batch(*parts, batch.label[row : row + 1], batch.index[row : row + 1])).logits
        torch.testing.assert_close(alone[0], logits[row], atol=1e-6, rtol=0)
