"""The searched adversary. Expected numbers: the search of one example in a plain loop; the exact maximum above it."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon

import reference
from attnexplain.experiments.fixed import fixed_examples
from attnexplain.models.distances import jensen_shannon
from attnexplain.seeding import generator
from explaining import LONG, MODELS, PAIRS, SENTENCES, batch, make, model

IDS = [f"e{index}" for index in range(len(SENTENCES))]
SHORT = {"steps": 40, "learning_rate": 0.1}


def search(classifier, sentences=SENTENCES, ids=None, **options):
    ids = ids or [f"e{index}" for index in range(len(sentences))]
    return make("experiment", "adversary", classifier, **{**SHORT, **options}).run(batch(sentences), ids)


@pytest.mark.parametrize("epsilon_select", [0.02, 0.5])
def test_two_classes_equal_the_published_search_in_a_loop(epsilon_select):
    classifier = model()
    found = search(classifier, steps=6, restarts=3, penalty=50.0, epsilon_select=epsilon_select)
    exact = reference.exact(classifier)
    for index, example in enumerate(fixed_examples(classifier, batch())):
        drawn = generator(1, "sampling", "adversary", IDS[index]).standard_normal((3, len(example.weights)))
        start = torch.from_numpy(np.log(1 / len(example.weights)) + 3 * drawn)
        parts = torch.from_numpy(example.weights), torch.from_numpy(example.values[:, 0]), example.bias.item()
        options = {"steps": 6, "learning_rate": 0.1, "penalty": 50.0, "epsilon": 0.01}
        ended = reference.adversary_search(*parts, start, **options).numpy()
        theta, bias = exact.decoder.weight[0].detach().numpy(), exact.decoder.bias.item()
        y = [1 / (1 + np.exp(-(a @ example.states.numpy() @ theta + bias))) for a in (example.weights, *ended)]
        far = [jensenshannon(a, example.weights) ** 2 for a in ended]
        expected = max([0.0, *(d for d, p in zip(far, y[1:], strict=True) if abs(p - y[0]) <= epsilon_select)])
        assert found["jsd_max"][index] == pytest.approx(expected, abs=1e-9)


def test_what_is_selected_is_admissible_and_has_the_numbers_said():
    for classes in (2, 3, PAIRS):
        classifier = model(classes=classes)
        found = search(classifier, epsilon_select=0.05)
        for index, example in enumerate(fixed_examples(classifier, batch())):
            weights = found["weights"][index]
            assert found["tvd"][index] <= 0.05
            assert example.distance(weights[None])[0] == pytest.approx(found["tvd"][index], abs=1e-12)
            assert jensenshannon(weights, example.weights) ** 2 == pytest.approx(found["jsd_max"][index], abs=1e-9)
        assert max(found["jsd_max"]) > 0.05


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
@pytest.mark.parametrize("epsilon", [0.01, 0.1])
def test_no_search_is_above_the_exact_answer_or_the_bound(encoder, attention, classes, epsilon):
    classifier = model(encoder, attention, classes)
    found = search(classifier, steps=80, epsilon_search=epsilon, epsilon_select=epsilon)
    exact = make("experiment", "adversary-exact", classifier, epsilon=epsilon).run(batch(), IDS)
    assert (found["jsd_max"] <= exact["jsd_max"] + 1e-9).all()


def test_a_longer_search_comes_near_the_exact_answer():
    classifier = model()
    exact = make("experiment", "adversary-exact", classifier, epsilon=0.1).run(batch(), IDS)
    found = search(classifier, steps=500, epsilon_search=0.1, epsilon_select=0.1)
    assert np.mean(found["jsd_max"]) > 0.8 * np.mean(exact["jsd_max"])


def test_where_nothing_is_admissible_the_learned_attention_remains():
    classifier = model()
    found = search(classifier, steps=0, epsilon_select=0.0)
    assert found["jsd_max"].tolist() == found["tvd"].tolist() == [0.0] * len(SENTENCES)
    for weights, example in zip(found["weights"], fixed_examples(classifier, batch()), strict=True):
        assert weights.tolist() == example.weights.tolist()


def test_the_penalty_keeps_the_prediction():
    classifier = model()
    moved = [search(classifier, penalty=penalty, epsilon_select=1.0)["tvd"].mean() for penalty in (0.0, 500.0)]
    assert moved[0] > 3 * moved[1]


@pytest.mark.parametrize("classes", [2, PAIRS])
def test_a_text_in_another_batch_with_other_neighbours_is_searched_alike(classes):
    classifier = model(classes=classes)
    texts = [LONG[:60], [], [9], SENTENCES[2]]
    together = search(classifier, texts, steps=100)
    alone = make("experiment", "adversary", classifier, **SHORT | {"steps": 100}).run(batch(texts, [3]), ["e3"])
    assert together["jsd_max"][3] == pytest.approx(alone["jsd_max"][0], abs=1e-8)
    assert together["jsd_max"][1:3].tolist() == [0.0, 0.0]
    assert [len(weights) for weights in together["weights"]] == [60, 0, 1, 9]
    assert search(classifier, [[]])["jsd_max"].tolist() == [0.0]


def test_starts_depend_on_seed_and_example():
    same = [SENTENCES[2]] * 2
    first, second = (search(model(), same, ids, epsilon_select=1.0)["jsd_max"] for ids in (["a", "b"], ["b", "a"]))
    assert first.tolist() == pytest.approx(second[::-1].tolist(), abs=1e-12)
    assert first[0] != first[1]
    other = make("experiment", "adversary", model(), seed=2, **SHORT, epsilon_select=1.0).run(batch(same), ["a", "b"])
    assert other["jsd_max"][0] != pytest.approx(first[0], abs=1e-6)


def test_the_divergence_is_scipys_with_finite_gradients_at_zero_weights():
    a = torch.tensor([[0.5, 0.5, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([0.2, 0.0, 0.8, 0.0], dtype=torch.float64)
    found = jensen_shannon(a, b)
    assert found.tolist() == pytest.approx([jensenshannon(row, b) ** 2 for row in a.detach()], abs=1e-15)
    found.sum().backward()
    assert a.grad.isfinite().all()
