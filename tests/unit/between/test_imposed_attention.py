"""Another seed's attention, imposed. Expected numbers: by hand; every word decoded in a loop, in float64."""

import math

import numpy as np
import pytest
import torch

import reference
from attnexplain.between import attentions, imposed_attention
from attnexplain.experiments.fixed import FixedExample
from explaining import MODELS, SENTENCES, asked, batch, make_between, model

SEEDS = (1, 2, 3)


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def fixed(weights, values, bias=0.0):
    states = torch.zeros(len(weights), 1)
    return FixedExample(0, np.array(weights), np.array([values]).T, np.array([bias]), states, None, torch.nn.Identity())


def test_two_words_by_hand(monkeypatch):
    runs = {"a": fixed([0.75, 0.25], [2.0, -1.0], 0.5), "b": fixed([0.25, 0.75], [1.0, 3.0])}
    monkeypatch.setattr(attentions, "fixed_examples", lambda name, batch: [runs[name]])
    found = imposed_attention.ImposedAttention(list(runs)).measure(batch(indices=[0]))
    # a reads .75 * 2 - .25 * 1 + .5 = 1.75, and under the attention of b .25 * 2 - .75 * 1 + .5 = .25.
    distances = [[0, sigmoid(1.75) - sigmoid(0.25)], [sigmoid(2.5) - sigmoid(1.5), 0]]
    # Both attentions are .25 from their mean (.5, .5): 1/2 (KL + KL) = KL of one of them.
    divergence = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    assert found["tvd"][:, :, 0].ravel().tolist() == pytest.approx(np.ravel(distances).tolist(), abs=1e-15)
    assert found["jsd"][:, :, 0].ravel().tolist() == pytest.approx([0, divergence, divergence, 0], abs=1e-15)


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
def test_it_equals_decoding_the_words_of_one_run_under_the_weights_of_another(encoder, attention, classes):
    models = [model(encoder, attention, classes, seed) for seed in SEEDS]
    found = make_between("imposed-attention", models).run(batch())
    exact = [reference.exact(one) for one in models]
    for row, (words, question) in enumerate(zip(SENTENCES, asked(models[0]), strict=True)):
        passed = [reference.forward(one, words, asked=question) for one in exact]
        for a, (own, weights, states) in enumerate(passed):
            for b, (_, others, _) in enumerate(passed):
                imposed = reference.probabilities(exact[a], states, others, question)
                assert found["tvd"][a, b, row] == pytest.approx(reference.total_variation(own, imposed), abs=1e-6)
                divergence = reference.jensen_shannon(weights.tolist(), others.tolist())
                assert found["jsd"][a, b, row] == pytest.approx(divergence, abs=1e-6)
    assert attention == "uniform" or (found["tvd"].max() > 1e-3 and found["jsd"].max() > 1e-4)


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
def test_a_runs_own_attention_changes_nothing(encoder, attention, classes):
    models = [model(encoder, attention, classes)] * 2
    found = make_between("imposed-attention", models).run(batch())
    assert found["tvd"].ravel().tolist() == pytest.approx([0.0] * 4 * len(SENTENCES), abs=1e-14)
    assert found["jsd"].ravel().tolist() == pytest.approx([0.0] * 4 * len(SENTENCES), abs=1e-14)


def test_the_divergence_is_symmetric_and_the_distance_is_not():
    found = make_between("imposed-attention", [model(seed=seed) for seed in SEEDS]).run(batch())
    np.testing.assert_allclose(found["jsd"], found["jsd"].swapaxes(0, 1), atol=1e-14)
    assert np.abs(found["tvd"] - found["tvd"].swapaxes(0, 1)).max() > 1e-3


def test_a_text_without_words_has_no_attention_to_impose():
    found = make_between("imposed-attention", [model(seed=seed) for seed in SEEDS]).run(batch([[5, 9], []]))
    for values in found.values():
        assert np.isnan(values[:, :, 1]).all() and not np.isnan(values[:, :, 0]).any()
