"""Tokens read once. Expected numbers: the decoder itself, finite differences."""

import numpy as np
import pytest

from attnexplain.experiments.readout import log_softmax, readout
from fixed_attention import linear, pair

EXAMPLES = [linear(1, 6, 3), linear(2, 4, 5), pair(3, 7, 4), pair(4, 5, 6, candidates=[0, 2, 5])]


@pytest.mark.parametrize("example", EXAMPLES)
def test_mixtures_are_decoded_as_by_the_decoder(example):
    read = readout(example)
    attention = np.random.default_rng(0).dirichlet(np.ones(len(example.weights)), 20)
    theirs = example.probabilities(attention)
    ours = read.probabilities(attention @ read.parts)
    np.testing.assert_allclose(ours, theirs[:, (theirs > 0).any(axis=0)], atol=1e-14)


@pytest.mark.parametrize("example", EXAMPLES)
def test_slopes_are_finite_differences(example):
    read = readout(example)
    attention = example.weights
    slopes = read.slopes(attention @ read.parts, read.parts)
    for token, part in enumerate(read.parts):
        up, down = (read.logits(attention @ read.parts + sign * 1e-5 * part) for sign in (1, -1))
        np.testing.assert_allclose(slopes[token], (up - down) / 2e-5, atol=1e-7)


def test_small_probabilities_keep_their_logarithm():
    assert log_softmax(np.array([0.0, -800.0])).tolist() == [0.0, -800.0]
