"""Random scores. Expected: the uniform distribution (scipy's Kolmogorov-Smirnov test at a fixed seed)."""

import torch
from scipy.stats import kstest

from explaining import LONG, batch, make, model, words


def scores(seed, sentences=(LONG, LONG, LONG)):
    return words(
        make("method", "random", model("average"), seed=seed).attribute(batch(sentences)).scores, batch(sentences)
    )


def test_scores_are_uniform():
    assert kstest([score for sentence in scores(1) for score in sentence], "uniform").pvalue > 0.05


def test_examples_and_seeds_draw_independently():
    first, second, third = scores(1)
    other = scores(2)[0]
    for a, b in ((first, second), (second, third), (first, other)):
        assert abs(torch.corrcoef(torch.tensor([a, b]))[0, 1]) < 0.15


def test_scores_depend_on_the_position_in_the_split_not_on_the_text():
    assert scores(1, ([5, 6, 7], [8, 9]))[0] == scores(1, ([9, 9, 9], [4]))[0]
