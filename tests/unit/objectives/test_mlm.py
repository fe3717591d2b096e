"""Masked words: by hand on two words; what is masked; that the word loss falls; the classifying pass stays as it is."""

import math

import pytest
import torch
from torch import nn

from attnexplain.data.batching import collate
from attnexplain.models.classifier import build_classifier
from attnexplain.objectives.base import Draws
from regularisers import made, of_two, regularised, two_words
from tiny import VOCABULARY, tiny_batch, tiny_split


class Model:
    """Six words in two dimensions; a state is twice what stands in its place."""

    embedding = nn.Embedding.from_pretrained(torch.tensor([[0.0, 0], [1, 0], [0, 1], [1, 1], [2, 0], [0, 2]]))

    def encode(self, embedded, mask):
        return 2 * embedded


def test_two_words():
    """Both masked: at each place W (2, 2) = (0 2 2 4 4 4), and the words asked for are the last two."""
    words = made("mlm", share=1.0)
    words.mask.data = torch.tensor([1.0, 1.0])
    (found,) = words.penalty(two_words(), of_two(), Model(), Draws(1, 1)).tolist()
    partition = 1 + 2 * math.exp(2) + 3 * math.exp(4)
    assert found == pytest.approx(-(4 - math.log(partition)))


def test_the_sum_over_masked_words_is_divided_by_all_words():
    words, batch = made("mlm", share=0.5), two_words()
    words.mask.data = torch.tensor([1.0, 1.0])
    draws = next(Draws(1, n) for n in range(99) if words.masked(batch, Draws(1, n)).sum() == 1)
    (found,) = words.penalty(batch, of_two(), Model(), draws).tolist()
    assert found == pytest.approx(-(4 - math.log(1 + 2 * math.exp(2) + 3 * math.exp(4))) / 2)


def test_words_are_masked_with_the_share_by_example_and_epoch_never_unknown_ones():
    split = tiny_split(300)
    batch, words = collate(split, range(300)), made("mlm", share=0.4)
    masked = words.masked(batch, Draws(1, 1))
    assert not masked[~batch.attended].any()
    count, total = masked.sum().item(), batch.attended.sum().item()
    assert abs(count - 0.4 * total) < 4 * math.sqrt(0.24 * total)
    assert not words.masked(batch, Draws(1, 2)).equal(masked)
    part = collate(split, [7, 3])
    for row, example in enumerate((7, 3)):
        width = part.mask.shape[1]
        assert words.masked(part, Draws(1, 1))[row].equal(masked[example, :width])
    batch.token_ids[batch.attended] = 1
    assert not words.masked(batch, Draws(1, 1)).any()


def test_the_mask_vector_and_the_embeddings_learn_from_it():
    model = build_classifier(regularised("mlm"), len(VOCABULARY))
    batch, words = tiny_batch(), model.regularisers["mlm"]
    words.penalty(batch, model(batch), model, Draws(1, 1)).sum().backward()
    assert words.mask.grad.abs().sum() > 0
    assert model.embedding.weight.grad.abs().sum() > 0
    assert model.decoder.weight.grad is None
