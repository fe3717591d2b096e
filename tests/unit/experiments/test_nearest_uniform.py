"""The attention nearest to uniform of a model. Expected numbers: random admissible attention, entropy by scipy."""

import numpy as np
import pytest
import torch
from scipy.stats import entropy

from attnexplain.experiments.fixed import fixed_together
from explaining import PAIRS, SENTENCES, batch, make, model

IDS = [f"e{index}" for index in range(len(SENTENCES))]


def run(classifier, sentences=SENTENCES, **options):
    ids = [f"e{index}" for index in range(len(sentences))]
    return make("experiment", "nearest-uniform", classifier, **options).run(batch(sentences), ids)


@pytest.mark.parametrize("epsilon", [0.01, 0.1])
def test_no_admissible_attention_is_nearer_and_the_one_found_is_admissible(epsilon):
    classifier, away = model(), 0
    with torch.no_grad():  # sharper: uniform attention predicts something else
        classifier.decoder.weight *= 20
        classifier.attention.vector.weight *= 5
    found = run(classifier, epsilon=epsilon)
    for index, example in enumerate(fixed_together(classifier, batch())):
        length, weights = len(example.weights), found["weights"][index]
        assert example.distance(weights[None])[0] <= epsilon + 1e-9
        if length == 1:
            continue
        assert found["kl_uniform"][index] == pytest.approx(1 - entropy(weights) / np.log(length), abs=1e-12)
        learned = 1 - entropy(example.weights) / np.log(length)
        assert found["kl_uniform_learned"][index] == pytest.approx(learned, abs=1e-12)
        random = np.random.default_rng(index)
        shares = random.random((2000, 1))
        points = shares * random.dirichlet(np.ones(length), 2000) + (1 - shares) * example.weights
        inside = points[example.distance(points) <= epsilon]
        nearest = (1 - entropy(inside, axis=1) / np.log(length)).min()
        assert found["kl_uniform"][index] <= min(nearest, learned) + 1e-12
        away += found["kl_uniform"][index] > 1e-3
    assert away


def test_learned_uniform_attention_is_nearest_itself():
    found = run(model(attention="uniform"))
    assert found["kl_uniform"].tolist() == pytest.approx([0.0] * len(SENTENCES), abs=1e-12)


@pytest.mark.parametrize("classes", [3, PAIRS])
def test_other_decoders_leave_it_undefined(classes):
    found = run(model(classes=classes))
    assert np.isnan(found["kl_uniform"]).all() and set(found["weights"]) == {None}
    assert not np.isnan(found["kl_uniform_learned"]).any()


def test_a_saturated_prediction_and_texts_of_a_word_or_none_have_an_answer():
    classifier = model()
    with torch.no_grad():
        classifier.decoder.bias += 60
    found = run(classifier, [SENTENCES[0], [8], []])
    assert found["kl_uniform"].tolist() == [0.0, 0.0, 0.0]
    assert [len(weights) for weights in found["weights"]] == [4, 1, 0]
