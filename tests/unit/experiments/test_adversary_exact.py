"""The exact adversary of a model. Expected numbers: slow enumeration of vertices; of bounds, random attention."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon

import reference
from attnexplain.experiments.fixed import fixed_examples
from attnexplain.experiments.slab import jensen_shannon
from explaining import LONG, MODELS, PAIRS, SENTENCES, batch, make, model

IDS = [f"e{index}" for index in range(len(SENTENCES))]
SEVERAL = [setting for setting in MODELS if setting[2] > 2]


def run(classifier, sentences=SENTENCES, **options):
    ids = [f"e{index}" for index in range(len(sentences))]
    return make("experiment", "adversary-exact", classifier, **options).run(batch(sentences), ids)


@pytest.mark.parametrize(("encoder", "attention", "classes"), [setting for setting in MODELS if setting[2] == 2])
@pytest.mark.parametrize("epsilon", [0.01, 0.2])
def test_two_classes_equal_slow_enumeration(encoder, attention, classes, epsilon):
    classifier = model(encoder, attention, classes)
    found = run(classifier, epsilon=epsilon)
    expected = [
        reference.adversary_exact(*reference.logit_parts(reference.exact(classifier), words), epsilon)
        for words in SENTENCES
    ]
    assert found["jsd_max"].tolist() == pytest.approx(expected, abs=1e-5)
    assert max(expected) > 0.1
    assert found["is_exact"].all() and set(found["kind"]) == {"exact"}
    assert (found["tvd"] <= epsilon + 1e-12).all()


@pytest.mark.parametrize("epsilon", [0.01, 0.2])
def test_the_attention_found_has_the_divergence_and_the_prediction_said(epsilon):
    classifier = model()
    found = run(classifier, epsilon=epsilon)
    exact = reference.exact(classifier)
    for index, words in enumerate(SENTENCES):
        whole, weights, states = reference.forward(exact, words)
        attention = torch.tensor([0.0, *found["weights"][index], 0.0], dtype=torch.float64)
        decoded = reference.probabilities(exact, states, attention)
        assert reference.total_variation(whole, decoded) == pytest.approx(found["tvd"][index], abs=1e-6)
        divergence = jensenshannon(weights, attention) ** 2
        assert divergence == pytest.approx(found["jsd_max"][index], abs=1e-6)


@pytest.mark.parametrize(("encoder", "attention", "classes"), SEVERAL)
@pytest.mark.parametrize("epsilon", [0.02, 0.3])
def test_a_bound_is_never_below_an_admissible_attention(encoder, attention, classes, epsilon):
    classifier = model(encoder, attention, classes)
    found = run(classifier, epsilon=epsilon)
    for index, example in enumerate(fixed_examples(classifier, batch())):
        random, length = np.random.default_rng(index), len(example.weights)
        tried = np.concatenate([random.dirichlet(np.full(length, alpha), 300) for alpha in (0.1, 1.0)])
        shares = random.random((600, 1))
        points = np.concatenate([np.eye(length), shares * tried + (1 - shares) * example.weights])
        inside = points[example.distance(points) <= epsilon]
        assert jensen_shannon(example.weights, inside).max(initial=0) <= found["jsd_max"][index] + 1e-12
        assert found["is_exact"][index] == (found["kind"][index] == "exact") == (found["weights"][index] is not None)
        assert np.isnan(found["tvd"][index]) == (found["kind"][index] == "bound")
        if found["is_exact"][index]:
            assert found["tvd"][index] <= epsilon


def test_three_classes_are_bounded_below_the_whole_simplex():
    classifier = model(classes=3)
    found = run(classifier, epsilon=0.01)
    everywhere = [
        max(jensen_shannon(example.weights, np.eye(len(example.weights))))
        for example in fixed_examples(classifier, batch())
    ]
    assert (found["jsd_max"] <= np.array(everywhere) + 1e-12).all()
    assert (found["jsd_max"] < np.array(everywhere) - 0.01).any()


@pytest.mark.parametrize("classes", [3, PAIRS])
def test_where_everything_is_admissible_the_bound_is_attained(classes):
    found = run(model(classes=classes), epsilon=1)
    assert found["is_exact"].all()
    assert not np.isnan(found["tvd"]).any()


def test_a_saturated_prediction_has_an_answer():
    classifier = model()
    with torch.no_grad():
        classifier.decoder.bias += 60
    found = run(classifier)
    assert np.isfinite(found["jsd_max"]).all() and (found["tvd"] < 1e-6).all()
    example = next(iter(fixed_examples(classifier, batch())))
    assert found["jsd_max"][0] == pytest.approx(max(jensen_shannon(example.weights, np.eye(4))), abs=1e-12)


@pytest.mark.parametrize("classes", [2, 3, PAIRS])
def test_a_word_alone_and_no_word_at_all_have_no_other_attention(classes):
    found = run(model(classes=classes), [[8], []])
    assert found["jsd_max"].tolist() == [0.0, 0.0]
    assert found["tvd"].tolist() == [0.0, 0.0]
    assert [list(weights) for weights in found["weights"]] == [[1.0], []]
    assert found["is_exact"].all()


def test_a_long_text_gives_the_numbers_it_gives_alone():
    together, alone = run(model(), [LONG, [9, 5]]), run(model(), [LONG])
    assert together["jsd_max"][0] == alone["jsd_max"][0]
