"""Least attention on evidence, or on listed words. Expected numbers: slow enumeration of the vertices of the slab."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import reference
from attnexplain.experiments.fixed import fixed_together
from explaining import PAIRS, SENTENCES, batch, make, model

IDS = [f"e{index}" for index in range(len(SENTENCES))]


def sharp(classes=2):
    """Predictions that need some words: large decoded values, attention that chooses."""
    classifier = model(classes=classes)
    with torch.no_grad():
        classifier.attention.vector.weight *= 5
        if classes != PAIRS:
            classifier.decoder.weight *= 20
    return classifier


def annotated(word):
    """The sentences, each with evidence at `chosen`."""
    found, evidence = batch(), torch.zeros(batch().attended.shape)
    for row, sentence in enumerate(SENTENCES):
        evidence[row, 1 : 1 + len(sentence)] = 0.5 * torch.from_numpy(chosen(word, len(sentence)))
    return replace(found, evidence=evidence)


def chosen(word, length):
    """One word, counted round, or all the others."""
    one = np.arange(length) == word // 2 % length
    return one if word % 2 else ~one


def test_two_classes_equal_slow_enumeration():
    classifier, masses = sharp(), []
    for word in range(12):
        found = make("experiment", "least-mass", classifier, epsilon=0.05).run(annotated(word), IDS)
        for index, example in enumerate(fixed_together(classifier, batch())):
            length, v, bias = len(example.weights), example.values[:, 0], float(example.bias[0])
            if length == 1:
                assert np.isnan(found["least_mass"][index]) and np.isnan(found["learned_mass"][index])
                continue
            ends = reference.slab(float(example.weights @ v) + bias, bias, 0.05)
            words = chosen(word, length)
            expected = min(np.array(vertex)[words].sum() for vertex in reference.vertices(v, *ends))
            assert found["least_mass"][index] == pytest.approx(expected, abs=1e-9)
            assert found["learned_mass"][index] == pytest.approx(example.weights[words].sum(), abs=1e-12)
            assert found["least_mass"][index] <= found["learned_mass"][index] + 1e-12
            masses.append(expected)
    assert sum(mass > 1e-3 for mass in masses) > 2 and sum(mass < 1e-12 for mass in masses) > 2


@pytest.mark.parametrize("classes", [3, PAIRS])
def test_other_decoders_leave_it_undefined(classes):
    found = make("experiment", "least-mass", sharp(classes)).run(annotated(1), IDS)
    assert np.isnan(found["least_mass"]).all()
    assert np.isnan(found["learned_mass"]).tolist() == [len(sentence) == 1 for sentence in SENTENCES]


def test_without_evidence_nothing_is_defined():
    found = make("experiment", "least-mass", sharp()).run(batch(), IDS)
    assert np.isnan(found["least_mass"]).all() and np.isnan(found["learned_mass"]).all()


VOCABULARY = {"five": 5, "six": 6, "eight": 8, "nine": 9, "far": 19}


def listed(classifier, words, **options):
    experiment = make("experiment", "least-mass", classifier, words=words, **options)
    experiment.know(VOCABULARY)
    return experiment.run(batch(), IDS)


def test_words_of_a_list_equal_slow_enumeration():
    classifier = sharp()
    found = listed(classifier, "five six  nine absent", epsilon=0.05)
    for index, example in enumerate(fixed_together(classifier, batch())):
        words = np.array([word in (5, 6, 9) for word in SENTENCES[index]])
        if not words.any() or words.all():
            assert np.isnan(found["least_mass"][index]) and np.isnan(found["learned_mass"][index])
            continue
        v, bias = example.values[:, 0], float(example.bias[0])
        ends = reference.slab(float(example.weights @ v) + bias, bias, 0.05)
        expected = min(np.array(vertex)[words].sum() for vertex in reference.vertices(v, *ends))
        assert found["least_mass"][index] == pytest.approx(expected, abs=1e-9)
        assert found["learned_mass"][index] == pytest.approx(example.weights[words].sum(), abs=1e-12)
    assert np.isfinite(found["least_mass"]).sum() == 3


@pytest.mark.parametrize("words", ["far", "absent", ""])
def test_words_that_no_text_has_leave_it_undefined(words):
    found = listed(sharp(), words)
    assert np.isnan(found["least_mass"]).all() and np.isnan(found["learned_mass"]).all()


def test_words_take_the_place_of_evidence():
    classifier, experiment = sharp(), make("experiment", "least-mass", sharp(), words="nine")
    experiment.know(VOCABULARY)
    found, without = experiment.run(annotated(0), IDS), listed(classifier, "nine")
    assert found["least_mass"].tolist() == pytest.approx(without["least_mass"].tolist(), nan_ok=True)
