"""Tying, by hand on two words."""

import math

import pytest
import torch

from regularisers import made, of_two, penalty, two_words

# Differences (3, 4) and (0, 1).
OUTPUT = {"states": [[3.0, 5.0], [1.0, 1.0]], "embedded": [[0.0, 1.0], [1.0, 0.0]]}


@pytest.mark.parametrize("squared, expected", [(True, (25 + 1) / 2), (False, (5 + 1) / 2)])
def test_two_words(squared, expected):
    assert penalty("tying", of_two(**OUTPUT), squared=squared) == pytest.approx(expected)


def test_the_norm_has_a_gradient_where_state_and_embedding_are_equal():
    output = of_two(states=[[1.0, 2.0], [3.0, 5.0]], embedded=[[1.0, 2.0], [0.0, 1.0]])
    made("tying", squared=False).penalty(two_words(), output, None, None).sum().backward()
    expected = torch.tensor([[[0.0, 0.0], [0.0, 0.0], [0.3, 0.4], [0.0, 0.0]]])
    torch.testing.assert_close(output.states.grad, expected)
    assert math.isfinite(output.embedded.grad.sum())
