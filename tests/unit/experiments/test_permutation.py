"""Permuted attention. Expected numbers: every draw decoded from the full state vectors in a loop, in float64."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

import reference
from attnexplain.experiments.orders import orders
from attnexplain.seeding import generator
from explaining import MODELS, SENTENCES, asked, batch, make, model

IDS = [f"e{index}" for index in range(len(SENTENCES))]


def given(seed, example_id, length, draws):
    """The orders an example is given: those of its own stream."""
    return orders(generator(seed, "sampling", "permutation", example_id), draws, length).tolist()


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
@pytest.mark.parametrize("draws", [20, 7])
def test_permutation_equals_decoding_every_draw(encoder, attention, classes, draws):
    classifier = model(encoder, attention, classes)
    found = make("experiment", "permutation", classifier, seed=3, draws=draws).run(batch(), IDS)
    expected = [
        reference.permutation(
            reference.exact(classifier), sentence, given(3, example_id, len(sentence), draws), question
        )
        for sentence, example_id, question in zip(SENTENCES, IDS, asked(classifier), strict=True)
    ]
    assert found["tvd_median"].tolist() == pytest.approx(expected, abs=1e-6)
    assert attention == "uniform" or max(expected) > 1e-3


def test_max_attention_is_the_largest_learned_weight():
    classifier = model()
    found = make("experiment", "permutation", classifier).run(batch(), IDS)
    expected = [reference.forward(reference.exact(classifier), sentence)[1].max().item() for sentence in SENTENCES]
    assert found["max_attention"].tolist() == pytest.approx(expected, abs=1e-6)


def test_uniform_attention_is_unmoved_by_permutation():
    classifier = model("average")
    with torch.no_grad():
        classifier.attention.vector.weight.zero_()
    found = make("experiment", "permutation", classifier).run(batch(), IDS)
    assert found["tvd_median"].tolist() == pytest.approx([0.0] * len(SENTENCES), abs=1e-15)
    assert found["max_attention"].tolist() == pytest.approx([1 / len(sentence) for sentence in SENTENCES])


def test_attention_on_one_word_of_many_moves_to_any_other():
    classifier = model("bilstm", "additive+sparsemax")
    with torch.no_grad():
        classifier.attention.vector.weight *= 100
    found = make("experiment", "permutation", classifier, draws=4001).run(batch([SENTENCES[0]]), ["e0"])
    assert found["max_attention"].tolist() == [1.0]
    exact = reference.exact(classifier)
    whole, weights, states = reference.forward(exact, SENTENCES[0])
    moved = [
        reference.total_variation(whole, reference.probabilities(exact, states, weights.roll(by)))
        for by in range(-3, 4)
        if 0 < weights.argmax() + by < 5
    ]
    assert sorted(moved)[1] - 1e-6 <= found["tvd_median"][0] <= sorted(moved)[2] + 1e-6


def test_a_single_word_cannot_be_permuted():
    found = make("experiment", "permutation", model()).run(batch([[8]]), ["e1"])
    assert found["tvd_median"].tolist() == [0.0]
    assert found["max_attention"].tolist() == [1.0]


def test_every_order_is_equally_likely():
    drawn = orders(np.random.default_rng(1), 24_000, 4).tolist()
    counts = Counter(map(tuple, drawn))
    assert sorted(counts) == list(permutations(range(4)))
    assert chisquare(list(counts.values())).pvalue > 0.05


@pytest.mark.parametrize("length", [1, 2, 255, 256, 257, 4000])
def test_an_order_holds_every_place_once_and_each_place_goes_anywhere(length):
    drawn = orders(np.random.default_rng(2), 400, length)
    assert (np.sort(drawn, axis=1) == np.arange(length)).all()
    first = drawn[:, 0] * 4 // length  # the quarter of the text that comes first
    assert length < 4 or chisquare(np.bincount(first, minlength=4)).pvalue > 0.001


def test_draws_depend_on_seed_and_example():
    experiment = {seed: make("experiment", "permutation", model(), seed=seed, draws=3) for seed in (1, 2)}
    same = batch([SENTENCES[2]] * 2)
    first, second = (experiment[1].run(same, ids)["tvd_median"].tolist() for ids in (["a", "b"], ["b", "a"]))
    assert first == pytest.approx(second[::-1], abs=1e-6)
    assert abs(first[0] - first[1]) > 1e-4
    assert experiment[2].run(same, ["a", "b"])["tvd_median"].tolist() != first
