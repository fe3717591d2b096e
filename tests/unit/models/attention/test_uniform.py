"""Uniform attention. Expected numbers: one over the number of words; training as with any other attention."""

import pytest
import torch

from attnexplain.models.attention.uniform import Uniform
from explaining import PAIRS, SENTENCES, batch, model


@pytest.mark.parametrize("classes", [2, 3, PAIRS])
@torch.no_grad()
def test_every_word_has_the_same_weight_and_nothing_else_has_any(classes):
    weights, attended = model(attention="uniform", classes=classes)(batch()).weights, batch().attended
    for row, words, sentence in zip(weights, attended, SENTENCES, strict=True):
        assert row[words].tolist() == pytest.approx([1 / len(sentence)] * len(sentence), abs=1e-7)
        assert (row[~words] == 0).all()


def test_there_is_nothing_to_train():
    assert not list(Uniform(4).parameters())
    assert not list(Uniform(4, 4).parameters())
