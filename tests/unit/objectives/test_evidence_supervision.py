"""Attention taught by evidence, by hand on two words."""

import math

import pytest

from regularisers import made, of_two, penalty, two_words


@pytest.mark.parametrize(
    "evidence, expected",
    [
        ((1.0, 0.0), -math.log(0.25)),
        ((0.5, 0.5), -(math.log(0.25) + math.log(0.75)) / 2),
        ((1.0, 0.5), -(2 * math.log(0.25) + math.log(0.75)) / 3),
        ((0.0, 0.0), 0.0),
    ],
)
def test_two_words(evidence, expected):
    output = of_two(weights=(0.25, 0.75))
    assert penalty("evidence-supervision", output, two_words(*evidence)) == pytest.approx(expected, abs=1e-5)


def test_it_is_finite_where_evidence_has_no_attention():
    output = of_two(weights=(0.0, 1.0))
    made("evidence-supervision").penalty(two_words(1.0, 0.0), output, None, None).sum().backward()
    assert output.weights.grad.isfinite().all() and output.weights.grad[0, 1] < 0


def test_without_evidence_it_says_what_is_wanting():
    with pytest.raises(ValueError, match="batches with evidence"):
        penalty("evidence-supervision", of_two())
