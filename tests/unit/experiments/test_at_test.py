"""Attention replaced at test time. Expected numbers: each text decoded by itself from its states, in plain Python."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import reference
from attnexplain.data.batching import NO_LABEL
from attnexplain.experiments.orders import orders
from attnexplain.models.classifier import build_classifier
from attnexplain.seeding import generator
from explaining import MODELS, PAIRS, SENTENCES, asked, batch, make, model
from regularisers import regularised
from tiny import VOCABULARY

IDS = [f"e{index}" for index in range(len(SENTENCES))]
LABELS = [1, 0, 1, NO_LABEL, 0]


def labelled(labels=LABELS, sentences=SENTENCES):
    return replace(batch(sentences), label=torch.tensor(labels))


def shuffled(weights, seed, example_id, draws):
    """The weights of a text in the orders it is given: those of its own stream."""
    given = orders(generator(seed, "sampling", "permuted-at-test", example_id), draws, len(weights))
    return [[weights[place] for place in one] for one in given.tolist()]


def looped(classifier, others, labels=LABELS):
    """Accuracy, its change and the distance of each text, means over its `others(weights, id)` one after another."""
    found, exact = {"accuracy": [], "accuracy_change": [], "tvd": []}, reference.exact(classifier)
    for sentence, question, example_id, label in zip(SENTENCES, asked(classifier), IDS, labels, strict=True):
        before, learned, states = reference.forward(exact, sentence, asked=question)
        right, moved = [], []
        for weights in others(learned[1:-1].tolist(), example_id):
            used = torch.tensor([0.0, *weights, 0.0], dtype=torch.float64)
            after = reference.probabilities(exact, states, used, question)
            right.append(after.index(max(after)) == label)
            moved.append(reference.total_variation(before, after))
        was_right = before.index(max(before)) == label
        known = label != NO_LABEL
        found["accuracy"].append(sum(right) / len(right) if known else math.nan)
        found["accuracy_change"].append(sum(right) / len(right) - was_right if known else math.nan)
        found["tvd"].append(sum(moved) / len(moved))
    return found


def same(found, expected):
    for name, values in expected.items():
        assert found[name].tolist() == pytest.approx(values, abs=1e-6, nan_ok=True), name


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
def test_uniform_attention_equals_a_loop(encoder, attention, classes):
    classifier = sharp(encoder, attention, classes)
    found = make("experiment", "uniform-at-test", classifier).run(labelled(), IDS)
    same(found, looped(classifier, lambda weights, _: [[1 / len(weights)] * len(weights)]))


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
def test_permuted_attention_equals_a_loop(encoder, attention, classes):
    classifier = sharp(encoder, attention, classes)
    found = make("experiment", "permuted-at-test", classifier, seed=3, draws=7).run(labelled(), IDS)
    same(found, looped(classifier, lambda weights, example_id: shuffled(weights, 3, example_id, 7)))


def sharp(*names):
    """A model whose predictions flip where its attention goes elsewhere."""
    classifier = model(*names)
    with torch.no_grad():
        logits = classifier(batch()).logits
        output = classifier.decoder if classifier.question is None else classifier.decoder.output
        output.bias -= logits.masked_fill(logits.isinf(), torch.nan).nanmean(dim=0)  # of pairs, -inf is no candidate
    return classifier


@pytest.mark.parametrize("name", ["uniform-at-test", "permuted-at-test"])
def test_decisions_of_the_test_models_do_change(name):
    moved = [make("experiment", name, sharp("bilstm", "additive", n)).run(labelled(), IDS) for n in (2, 3, PAIRS)]
    assert any((found["accuracy_change"][:3] != 0).any() for found in moved)


@pytest.mark.parametrize("name", ["uniform-at-test", "permuted-at-test"])
def test_uniform_attention_loses_nothing(name):
    found = make("experiment", name, model(attention="uniform")).run(labelled(), IDS)
    assert found["accuracy_change"].tolist() == pytest.approx([0, 0, 0, math.nan, 0], abs=0, nan_ok=True)
    assert found["tvd"].tolist() == pytest.approx([0.0] * 5, abs=1e-15)


@pytest.mark.parametrize("name", ["uniform-at-test", "permuted-at-test"])
def test_without_gold_labels_accuracies_are_undefined(name):
    found = make("experiment", name, model()).run(replace(batch(), label=None), IDS)
    assert np.isnan(found["accuracy"]).all() and np.isnan(found["accuracy_change"]).all()
    assert not np.isnan(found["tvd"]).any()


@pytest.mark.parametrize("name", ["uniform-at-test", "permuted-at-test"])
def test_texts_of_one_word_or_none_stay_as_they_are(name):
    found = make("experiment", name, model()).run(labelled([1, 0], [[8], []]), ["a", "b"])
    assert found["accuracy_change"].tolist() == [0.0, 0.0] and found["tvd"].tolist() == [0.0, 0.0]


def test_divergence_from_uniform_by_hand():
    classifier = model("bilstm", "additive+sparsemax")
    with torch.no_grad():
        classifier.attention.vector.weight *= 100  # all weight on one word of L
    found = make("experiment", "uniform-at-test", classifier).run(batch(), IDS)["jsd"]
    for value, length in zip(found, map(len, SENTENCES), strict=True):
        middle = (1 + 1 / length) / 2
        to_learned, to_uniform = math.log(1 / middle), math.log(1 / length / middle) / length
        rest = (length - 1) / length * math.log(2)
        assert value == pytest.approx((to_learned + to_uniform + rest) / 2, abs=1e-12)


def test_draws_depend_on_seed_and_example():
    runs = {seed: make("experiment", "permuted-at-test", model(), seed=seed, draws=3) for seed in (1, 2)}
    twice = batch([SENTENCES[2]] * 2)
    first, second = (runs[1].run(twice, ids)["tvd"].tolist() for ids in (["a", "b"], ["b", "a"]))
    assert first == pytest.approx(second[::-1], abs=1e-6)
    assert abs(first[0] - first[1]) > 1e-4
    assert runs[2].run(twice, ["a", "b"])["tvd"].tolist() != first


def test_what_attention_mixes_is_decoded_where_it_is_not_what_attention_reads():
    torch.manual_seed(0)
    classifier = build_classifier(regularised("tasc"), len(VOCABULARY)).eval()
    with torch.no_grad():
        classifier.decoder.weight *= 50
        classifier.attention.vector.weight *= 50
        for parameter in classifier.regularisers.parameters():
            parameter.normal_()
        found = make("experiment", "uniform-at-test", classifier).run(batch(), IDS)
        output, attended = classifier(batch()), batch().attended
        uniform = attended / attended.sum(dim=1, keepdim=True)
        before, after = (classifier.probabilities(logits) for logits in (output.logits, decoded(classifier, uniform)))
    expected = 0.5 * (before - after).abs().sum(dim=1)
    assert not torch.equal(output.states, output.values) and expected.max() > 1e-3
    assert found["tvd"].tolist() == pytest.approx(expected.tolist(), abs=1e-5)


def decoded(classifier, weights):
    return classifier.decode(classifier(batch()).values, weights)
