"""Diversity, by hand on two words."""

import math

import pytest

from regularisers import of_two, penalty

# Mean (0.5, 0): cosines 1 and -1.
OPPOSITE = [[3.0, 0.0], [-2.0, 0.0]]
# Mean (1, 1): cosines 1 / sqrt(2) both.
UPRIGHT = [[2.0, 0.0], [0.0, 2.0]]


@pytest.mark.parametrize(
    "states, absolute, expected",
    [
        (OPPOSITE, True, 1.0),
        (OPPOSITE, False, 0.0),
        (UPRIGHT, True, math.sqrt(0.5)),
        (UPRIGHT, False, math.sqrt(0.5)),
        ([[1.0, 1.0], [3.0, 3.0]], True, 1.0),
    ],
)
def test_two_words(states, absolute, expected):
    assert penalty("diversity", of_two(states=states), absolute=absolute) == pytest.approx(expected, abs=1e-6)
