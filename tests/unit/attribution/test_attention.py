"""Attention weights as scores. Expected numbers: the definition in `reference`, in float64."""

import pytest

import reference
from explaining import SENTENCES, batch, flat, make, model, words


@pytest.mark.parametrize("attention", ["additive", "dot"])
def test_scores_are_the_weights_of_the_model_and_sum_to_one(attention):
    classifier = model(attention=attention)
    scores = words(make("method", "attention", classifier).attribute(batch()).scores, batch())
    expected = [reference.forward(reference.exact(classifier), sentence)[1][1:-1].tolist() for sentence in SENTENCES]
    assert flat(scores) == pytest.approx(flat(expected), abs=1e-6)
    assert [sum(sentence) for sentence in scores] == pytest.approx([1.0] * len(SENTENCES))
