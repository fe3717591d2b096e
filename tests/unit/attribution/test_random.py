"""Random scores. Expected: the uniform distribution (scipy's Kolmogorov-Smirnov test at a fixed seed)."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest

from attnexplain.seeding import seed_sequence
from explaining import LONG, batch, make, model, words


def scores(seed, sentences=(LONG, LONG, LONG), draw=0):
    method = make("method", "random", model("average"), seed=seed, draw=draw)
    return words(method.attribute(batch(sentences)).scores, batch(sentences))


def test_scores_are_uniform():
    assert kstest([score for sentence in scores(1) for score in sentence], "uniform").pvalue > 0.05


def test_examples_and_seeds_draw_independently():
    first, second, third = scores(1)
    other = scores(2)[0]
    for a, b in ((first, second), (second, third), (first, other)):
        assert abs(torch.corrcoef(torch.tensor([a, b]))[0, 1]) < 0.15


def test_draws_are_independent_and_the_first_is_the_stream_without_a_draw():
    first, *others = (scores(1, draw=draw)[0] for draw in (0, 1, 2))
    pinned = np.random.default_rng(seed_sequence(1, "sampling", "random", 0)).random(len(first))
    assert first == pytest.approx(pinned.astype(np.float32).tolist(), abs=0)
    for a, b in ((first, others[0]), (first, others[1]), others):
        assert abs(torch.corrcoef(torch.tensor([a, b]))[0, 1]) < 0.15


def test_scores_depend_on_the_position_in_the_split_not_on_the_text():
    assert scores(1, ([5, 6, 7], [8, 9]))[0] == scores(1, ([9, 9, 9], [4]))[0]
