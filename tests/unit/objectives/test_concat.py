"""Concatenation, by hand on two words, and what it makes of a model."""

import torch

from attnexplain.models.classifier import build_classifier
from regularisers import made, regularised
from tiny import VOCABULARY, tiny_batch


def test_two_words():
    states, embedded = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), torch.tensor([[[5.0], [6.0]]])
    found = made("concat").states(embedded, states, torch.ones(1, 2, dtype=torch.bool))
    assert found.tolist() == [[[1, 2, 5], [3, 4, 6]]]


@torch.no_grad()
def test_attention_and_decoder_read_states_beside_embeddings():
    model, plain = (build_classifier(regularised(*names), len(VOCABULARY)).eval() for names in (["concat"], []))
    batch = tiny_batch()
    found, without = model(batch), plain(batch)
    assert found.states.shape[-1] == 16 == model.decoder.in_features == model.attention.hidden.in_features
    # Embeddings draw last, and here the decoder draws more; the encoder is the same.
    torch.testing.assert_close(model.encoder.inner(without.embedded, batch.mask), without.states)
    torch.testing.assert_close(
        found.states, torch.cat([model.encoder.inner(found.embedded, batch.mask), found.embedded], -1)
    )
    assert found.states[~batch.mask].eq(0).all()
