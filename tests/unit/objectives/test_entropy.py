"""Entropy of the attention, by hand on two words."""

import math

import pytest
import torch

from regularisers import made, of_two, penalty, two_words


@pytest.mark.parametrize(
    "weights, expected",
    [
        ((0.5, 0.5), 1.0),
        ((1.0, 0.0), 0.0),
        ((0.25, 0.75), -(0.25 * math.log(0.25) + 0.75 * math.log(0.75)) / math.log(2)),
    ],
)
def test_two_words(weights, expected):
    assert penalty("entropy", of_two(weights=weights)) == pytest.approx(expected, abs=1e-6)


def test_the_gradient_is_finite_where_a_weight_is_0():
    output = of_two(weights=(1.0, 0.0))
    made("entropy").penalty(two_words(), output, None, None).sum().backward()
    torch.testing.assert_close(output.weights.grad, torch.tensor([[0.0, -1 / math.log(2), 0.0, 0.0]]))
