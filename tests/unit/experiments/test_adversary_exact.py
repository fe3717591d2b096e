"""The exact adversary of a model. Expected numbers: slow enumeration of vertices; of bounds, random attention."""

from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.optimize import brentq, minimize
from scipy.spatial.distance import jensenshannon
from scipy.special import expit

import reference
from attnexplain.experiments.adversary_exact import AdversaryExact
from attnexplain.experiments.fixed import fixed_examples, fixed_together
from attnexplain.experiments.slab import LN2, jensen_shannon
from explaining import LONG, MODELS, PAIRS, SENTENCES, batch, make, model
from fixed_attention import linear, pair, sparse

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
        assert found["is_exact"][index] == (found["kind"][index] == "exact")
        assert found["jsd_found"][index] <= found["jsd_max"][index]
        assert found["is_exact"][index] <= (found["jsd_found"][index] == found["jsd_max"][index])
        assert found["tvd"][index] <= epsilon + 1e-12


@pytest.mark.parametrize(("encoder", "attention", "classes"), SEVERAL)
def test_the_ceiling_is_the_farthest_of_all_attention(encoder, attention, classes):
    classifier = model(encoder, attention, classes)
    found = run(classifier, epsilon=0.05)
    for index, example in enumerate(fixed_examples(classifier, batch())):
        alone = np.eye(len(example.weights))
        tried = np.random.default_rng(index).dirichlet(np.full(len(example.weights), 0.2), 300)
        farthest = max(jensenshannon(one, example.weights) ** 2 for one in alone)
        assert found["jsd_ceiling"][index] == pytest.approx(farthest, abs=1e-9)
        assert max(jensenshannon(one, example.weights) ** 2 for one in tried) <= farthest + 1e-12
        assert found["jsd_max"][index] <= found["jsd_ceiling"][index] + 1e-12


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
    example = next(iter(fixed_together(classifier, batch())))
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
    assert together["jsd_max"][0] == pytest.approx(alone["jsd_max"][0], abs=1e-6)


def answer(example, epsilon, seed=1):
    return AdversaryExact(None, seed=seed, epsilon=epsilon).answers([example], ["a"])[0]


def of_pairs(example, epsilon):
    """Every mixture of two tokens: where it leaves what is admissible, by Brent's method on the probability itself."""
    v, bias = example.values[:, 0], example.bias[0]
    z = example.weights @ v + bias
    sign = -1.0 if z > 0 else 1.0  # of the smaller of both probabilities, which keeps its digits
    best = 0.0
    for i, j in combinations(range(len(v)), 2):

        def beyond(share, end, ends=(v[i], v[j])):
            return expit(sign * (ends[0] + share * (ends[1] - ends[0]) + bias)) - expit(sign * z) - end

        shares = [0.0, 1.0]
        for end in (-epsilon, epsilon):
            if beyond(0.0, end) * beyond(1.0, end) < 0:
                shares.append(brentq(beyond, 0.0, 1.0, args=(end,), xtol=1e-15, rtol=1e-14))
        for share in shares:
            if abs(beyond(share, 0.0)) <= epsilon * (1 + 1e-9):
                mixture = np.zeros(len(v))
                mixture[[i, j]] = 1 - share, share
                best = max(best, jensenshannon(mixture, example.weights) ** 2)
    return best


# 300 instances and more: spread predictions, saturated ones, ties, texts of two words.
@pytest.mark.parametrize("epsilon", [0.01, 0.05])
@pytest.mark.parametrize(("scale", "shift", "ties"), [(2.0, 1.0, False), (3.0, 8.0, False), (2.0, 3.0, True)])
def test_two_classes_equal_every_mixture_of_two_tokens_solved_by_root_finding(scale, shift, ties, epsilon):
    saturated = 0
    for seed in range(60):
        example = linear(seed, 2 + seed % 6, scale=scale, shift=shift, ties=ties)
        found = answer(example, epsilon)
        assert found.jsd_max == found.jsd_found == pytest.approx(of_pairs(example, epsilon), abs=1e-9)
        assert found.is_exact and found.tvd <= epsilon + 1e-12
        saturated += example.probabilities(example.weights[None]).min() < epsilon
    assert saturated >= (30 if shift > 5 else 0)


def climbed(example, epsilon, random):
    """Where scipy's SLSQP arrives from a random start within what is admissible, drawn back until it is admissible."""
    length, learned = len(example.weights), example.weights
    start = learned + 0.5 * (random.dirichlet(np.ones(length)) - learned)
    found = minimize(
        lambda a: -(jensenshannon(np.clip(a, 0, None), learned) ** 2),
        start,
        method="SLSQP",
        bounds=[(0, 1)] * length,
        constraints=[
            {"type": "eq", "fun": lambda a: a.sum() - 1},
            {"type": "ineq", "fun": lambda a: epsilon - example.distance(a[None])[0]},
        ],
        options={"maxiter": 60},
    ).x.clip(0, None)
    ends = learned + np.linspace(0, 1, 2001)[:, None] * (found / found.sum() - learned)
    inside = ends[example.distance(ends) <= epsilon]
    return jensenshannon(inside[-1], learned) ** 2 if len(inside) else 0.0


@pytest.mark.parametrize("classes", [1, 3, 4])
def test_a_general_optimiser_is_never_above_and_sometimes_as_far(classes):
    random, reached = np.random.default_rng(classes), []
    for seed in range(12):
        epsilon = (0.01, 0.05, 0.3)[seed % 3]
        example = linear(seed, 5, classes, shift=(0.5, 4.0)[seed % 2])
        found = answer(example, epsilon)
        theirs = max(climbed(example, epsilon, random) for _ in range(3))
        assert theirs <= found.jsd_max + 1e-9
        reached.append(found.jsd_found - theirs)
    assert sum(difference > -1e-6 for difference in reached) >= 11  # what is found is hardly ever less
    assert sum(difference < 1e-3 for difference in reached) >= 3  # and the optimiser is a fair one


@pytest.mark.parametrize("holders", [1, 2, 4])
@pytest.mark.parametrize(("make_example", "classes"), [(linear, 3), (linear, 5), (pair, 3)])
def test_sparse_attention_is_searched_and_a_bound_that_is_attained_is_exact(make_example, classes, holders):
    for seed in range(2):
        example = sparse(make_example(seed, 12, classes), holders)
        found = answer(example, 0.05)
        attention = found.attention
        assert found.jsd_found == pytest.approx(jensenshannon(attention, example.weights) ** 2, abs=1e-9)
        assert found.tvd == pytest.approx(example.distance(attention[None])[0], abs=1e-12)
        assert found.tvd <= 0.05 + 1e-12
        assert found.is_exact == (found.jsd_found == found.jsd_max)
        # Attention on other tokens alone is as far as can be: no bound is needed to know so.
        assert found.is_exact or attention[example.weights > 0].sum() > 0


def test_attention_on_other_tokens_alone_is_known_to_be_the_farthest():
    found = [answer(sparse(linear(seed, 12, 5), 2), 0.05) for seed in range(4)]
    disjoint = [one for one in found if one.jsd_found >= LN2 - 1e-12]
    assert disjoint and all(one.is_exact and one.jsd_max == one.jsd_found for one in disjoint)


def test_seed_and_example_alone_decide_what_is_found():
    examples = [linear(seed, 40, 6) for seed in range(4)]
    first, second, other = ([answer(example, 0.05, seed) for example in examples] for seed in (1, 1, 2))
    assert [one.jsd_found for one in first] == [one.jsd_found for one in second]
    assert [one.jsd_max for one in first] == [one.jsd_max for one in other]
    assert [one.jsd_found for one in first] != [one.jsd_found for one in other]


@pytest.mark.parametrize("classes", [2, 3, PAIRS])
def test_the_largest_learned_weight_stands_beside_every_search(classes):
    classifier, texts = model(classes=classes), [SENTENCES[0], [], [8]]
    expected = [example.weights.max(initial=0.0) for example in fixed_examples(classifier, batch(texts))]
    for name in ("adversary", "adversary-exact", "permutation"):
        options = {"steps": 1} if name == "adversary" else {}
        found = make("experiment", name, classifier, **options).run(batch(texts), IDS[:3])["max_attention"]
        assert found.tolist() == pytest.approx(expected, abs=1e-6) and found.dtype == np.float64
