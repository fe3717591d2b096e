"""Conicity. Expected numbers: by hand on two vectors, and a loop over one text at a time from the definition."""

import math

import numpy as np
import pytest
import torch

import reference
from attnexplain.experiments.conicity import alignment_to_mean
from explaining import MODELS, SENTENCES, asked, batch, make, model

IDS = [f"e{index}" for index in range(len(SENTENCES))]


def cosines(vectors):
    """Alignment to mean by definition: one vector at a time, in plain Python."""
    mean = [sum(column) / len(vectors) for column in zip(*vectors, strict=True)]
    return [
        sum(a * b for a, b in zip(vector, mean, strict=True)) / (math.hypot(*vector) * math.hypot(*mean))
        for vector in vectors
    ]


def aligned(*vectors):
    return alignment_to_mean(torch.tensor([vectors]).double(), torch.ones(1, len(vectors), dtype=torch.bool))[0]


def test_two_states_by_hand():
    # The mean of (1, 0) and (0, 1) lies 45 degrees from both.
    assert aligned([1.0, 0.0], [0.0, 1.0]).tolist() == pytest.approx([math.sqrt(0.5)] * 2)
    # The mean of (3, 0) and (-1, 0) is (1, 0): one state with it, one against it.
    assert aligned([3.0, 0.0], [-1.0, 0.0]).tolist() == [1.0, -1.0]
    # The length of a state weighs in the mean, not in the mean of the cosines: (2, 2) / sqrt(8) to (2, 0) and (0, 4).
    assert aligned([2.0, 0.0], [0.0, 4.0]).tolist() == pytest.approx([1 / math.sqrt(5), 2 / math.sqrt(5)])


@pytest.mark.parametrize(
    "vectors", [[[1.0, 2.0]], [[1.0, 2.0], [0.0, 0.0]], [[1.0, 2.0], [-1.0, -2.0]]], ids=["one", "zeros", "zero mean"]
)
def test_without_an_angle_it_is_undefined(vectors):
    assert aligned(*vectors).isnan().all()


def test_what_is_not_attended_does_not_count():
    states = torch.tensor([[[9.0, 9.0], [1.0, 0.0], [0.0, 1.0], [-5.0, 2.0]]])
    found = alignment_to_mean(states.double(), torch.tensor([[False, True, True, False]]))
    assert found[0].tolist() == pytest.approx([0.0, math.sqrt(0.5), math.sqrt(0.5), 0.0])


@pytest.mark.parametrize("words", [4, 25])
def test_independent_states_have_the_floor_of_their_number(words):
    # cos(v_i, mean) -> (|v|^2 / n) / (|v| |v| / sqrt(n)) = 1 / sqrt(n) in many dimensions.
    states = torch.from_numpy(np.random.default_rng(0).normal(size=(50, words, 4_000)))
    found = alignment_to_mean(states, torch.ones(50, words, dtype=torch.bool)).mean(dim=1)
    assert found.mean().item() == pytest.approx(1 / math.sqrt(words), abs=2e-3)


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
def test_conicity_of_a_model_equals_the_definition_one_text_at_a_time(encoder, attention, classes):
    classifier = model(encoder, attention, classes)
    found = make("experiment", "conicity", classifier).run(batch(), IDS)
    exact = reference.exact(classifier)
    for place, (sentence, question) in enumerate(zip(SENTENCES, asked(classifier), strict=True)):
        states = reference.attention(exact, reference.sentence(sentence), question)[1][0, 1:-1].tolist()
        if len(sentence) == 1 or any(math.hypot(*state) == 0 for state in states):
            assert np.isnan(found["conicity"][place]) and np.isnan(found["conicity_absolute"][place])
            continue
        expected = cosines(states)
        assert found["conicity"][place] == pytest.approx(np.mean(expected), abs=1e-5)
        assert found["conicity_absolute"][place] == pytest.approx(np.mean(np.abs(expected)), abs=1e-5)
