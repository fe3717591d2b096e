"""Erased attention. Expected numbers: one word after another in plain Python, from each text's own states."""

import math

import numpy as np
import pytest
import torch

import reference
from attnexplain.experiments.fixed import fixed_together
from attnexplain.experiments.orders import orders
from attnexplain.experiments.redecoding import gradients
from attnexplain.seeding import generator
from explaining import MODELS, PAIRS, SENTENCES, asked, batch, make, model

IDS = [f"e{index}" for index in range(len(SENTENCES))]
LN2 = math.log(2)
STEP = 1e-6


class Text:
    """One text under fixed states: a function from weights, a list, to probabilities, a list."""

    def __init__(self, classifier, sentence, question):
        self.model, self.question = reference.exact(classifier), question
        _, weights, self.states = reference.forward(self.model, sentence, asked=question)
        self.weights = weights[1:-1].tolist()

    def predict(self, weights):
        used = torch.tensor([0.0, *weights, 0.0], dtype=torch.float64)
        return reference.probabilities(self.model, self.states, used, self.question)

    def decide(self, weights):
        found = self.predict(weights)
        return found.index(max(found))

    def without(self, gone):
        kept = [0.0 if place in gone else weight for place, weight in enumerate(self.weights)]
        return [weight / sum(kept) for weight in kept] if sum(kept) else kept

    def gradient(self):
        """Central differences of the predicted class's probability by one weight, the others as they are."""
        target, found = self.decide(self.weights), []
        for place in range(len(self.weights)):
            ends = []
            for step in (STEP, -STEP):
                moved = list(self.weights)
                moved[place] += step
                ends.append(self.predict(moved)[target])
            found.append((ends[0] - ends[1]) / (2 * STEP))
        return found


def texts(classifier):
    return [Text(classifier, *one) for one in zip(SENTENCES, asked(classifier), strict=True)]


def divergence(p, q):
    """Jensen-Shannon, term by term."""
    total = 0.0
    for a, b in zip(p, q, strict=True):
        middle = (a + b) / 2
        total += (a * math.log(a / middle) if a else 0.0) / 2 + (b * math.log(b / middle) if b else 0.0) / 2
    return total


def single(text, others):
    """The columns of single weights, one of `others` after another."""
    weights, learned = text.weights, text.decide(text.weights)
    top = weights.index(max(weights))
    flip_top = text.decide(text.without({top})) != learned
    cells, js, gaps, signs = {(a, b): 0 for a in (0, 1) for b in (0, 1)}, [], [], []
    for other in others:
        flip = text.decide(text.without({other})) != learned
        cells[int(flip_top), int(flip)] += 1
        signs.append(flip_top - flip)
        js.append(
            divergence(text.predict(weights), text.predict(text.without({top})))
            - divergence(text.predict(weights), text.predict(text.without({other})))
        )
        gaps.append(weights[top] - weights[other])
    n = len(others)
    return {
        "flip_top": float(flip_top),
        "flip_random": (cells[1, 1] + cells[0, 1]) / n,
        "flip_both": cells[1, 1] / n,
        "flip_only_top": cells[1, 0] / n,
        "flip_only_random": cells[0, 1] / n,
        "flip_neither": cells[0, 0] / n,
        "flip_difference": sum(signs) / n,
        "flip_difference_first": signs[0],
        "js_difference": sum(js) / n,
        "weight_difference": sum(gaps) / n,
    }


def share_removed(text, order):
    """Words gone at the first flip over all words; None if it never flips."""
    for count in range(1, len(order) + 1):
        if text.decide(text.without(set(order[:count]))) != text.decide(text.weights):
            return count / len(order)
    return None


def descending(scores):
    return sorted(range(len(scores)), key=lambda place: -scores[place])


def given_order(seed, example_id, length):
    return orders(generator(seed, "sampling", "erasure", "sets", example_id), 1, length)[0].tolist()


def given_others(seed, example_id, text, draws):
    drawn = generator(seed, "sampling", "erasure", "single", example_id).integers(len(text.weights) - 1, size=draws)
    top = text.weights.index(max(text.weights))
    return [[place for place in range(len(text.weights)) if place != top][one] for one in drawn]


def sharp(*names):
    """A model whose decisions are near, so that erasing words flips them."""
    classifier = model(*names)
    with torch.no_grad():
        logits = classifier(batch()).logits
        output = classifier.decoder if classifier.question is None else classifier.decoder.output
        output.bias -= logits.masked_fill(logits.isinf(), torch.nan).nanmean(dim=0)  # of pairs, -inf is no candidate
    return classifier


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
def test_single_weights_equal_a_loop(encoder, attention, classes):
    classifier = sharp(encoder, attention, classes)
    found = make("experiment", "erasure", classifier, seed=3, draws=4).run(batch(), IDS)
    for row, text in enumerate(texts(classifier)):
        if len(text.weights) < 2:
            assert np.isnan(found["flip_top"][row]) and np.isnan(found["js_difference"][row])
            continue
        for name, value in single(text, given_others(3, IDS[row], text, 4)).items():
            assert found[name][row] == pytest.approx(value, abs=1e-5), name


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
def test_sets_equal_a_loop(encoder, attention, classes):
    classifier = sharp(encoder, attention, classes)
    found = make("experiment", "erasure", classifier, seed=3).run(batch(), IDS)
    for row, text in enumerate(texts(classifier)):
        length, gradient = len(text.weights), text.gradient()
        rankings = {
            "attention": descending([round(weight, 6) for weight in text.weights]),
            "gradient": descending([round(slope, 6) for slope in gradient]),
            "gradient_x_attention": descending(
                [round(weight * slope, 6) for weight, slope in zip(text.weights, gradient, strict=True)]
            ),
            "random": given_order(3, IDS[row], length),
        }
        shares = {name: share_removed(text, order) if length > 1 else None for name, order in rankings.items()}
        for name, share in shares.items():
            assert found[f"removed_{name}"][row] == pytest.approx(math.nan if share is None else share, nan_ok=True)
        never = list(shares.values()).count(None) / 4 if length > 1 else math.nan
        assert found["never_flips"][row] == pytest.approx(never, nan_ok=True)


def test_decisions_of_the_test_models_do_flip():
    for classes in (2, 3, PAIRS):
        found = make("experiment", "erasure", sharp("bilstm", "additive", classes)).run(batch(), IDS)
        shares = np.stack([found[f"removed_{name}"] for name in ("attention", "gradient", "random")])
        assert (shares < 1).sum() > 2, classes


@pytest.mark.parametrize("classes", [2, 3, PAIRS])
def test_gradients_equal_central_differences(classes):
    classifier = model("bilstm", "additive", classes)
    for found, text in zip(gradients(fixed_together(classifier, batch())), texts(classifier), strict=True):
        assert found.tolist() == pytest.approx(text.gradient(), abs=1e-6)


def imposed(classifier, weights, values, bias=0.0):
    """What erasure finds where each word has a logit of its own: weights (L,), values (L,) of two classes."""
    classifier.encode = lambda embedded, mask: spread([0.0, *values, 0.0])[None, :, None].expand(1, -1, 16)
    classifier.attend = lambda states, batch, query=None: spread([0.0, *weights, 0.0])[None]
    with torch.no_grad():
        classifier.decoder.weight[:] = 1 / 16
        classifier.decoder.bias[:] = bias
    return lambda **options: make("experiment", "erasure", classifier, **options).run(
        batch([[4] * len(weights)]), ["e0"]
    )


def spread(values):
    return torch.tensor(values, dtype=torch.float32)


def shares(found):
    return [float(found[f"removed_{name}"][0]) for name in ("attention", "gradient", "gradient_x_attention")]


def test_by_hand():
    # The logit is .5 - .3 * 1 - .2 * ... : words 1 and 2 speak for class 1, word 3 against, word 0 hardly at all.
    run = imposed(model(), [0.4, 0.3, 0.2, 0.1], [0.1, 2.0, 4.0, -9.0])
    found = run(draws=50)
    # By attention: word 0 (logit stays positive: (.6 + .8 - .9) / .6), word 1 ((.8 - .9) / .3 < 0): 2 of 4.
    # By gradient, the logits themselves: word 2 first, and (.04 + .6 - .9) / .8 < 0: 1 of 4; so by the product.
    assert shares(found) == [0.5, 0.25, 0.25]
    assert found["never_flips"].tolist() == [0.0]
    # Of single words 1 and 2 flip ((.04 + .8 - .9) / .7 < 0), 0 and 3 do not; word 0 has the largest weight.
    assert found["flip_top"].tolist() == [0.0] and 0.5 < found["flip_random"][0] < 0.85
    assert found["flip_both"].tolist() == found["flip_only_top"].tolist() == [0.0]
    assert found["flip_only_random"].tolist() == found["flip_random"].tolist()
    assert found["flip_neither"][0] == pytest.approx(1 - found["flip_random"][0])


def test_words_without_weight_are_erased_without_effect():
    # Half of the words have no weight, and the gradient ranks one of them first.
    found = imposed(model(), [0.6, 0.0, 0.4, 0.0], [1.0, 5.0, -1.4, -3.0])()
    assert shares(found) == [0.25, 0.5, 0.25]


def test_the_last_word_with_weight_leaves_the_bias_to_decide():
    # Sparse attention on one word: with it gone no attention is left, whatever stands in the other words.
    run = imposed(model(), [0.0, 1.0, 0.0], [-5.0, 2.0, -5.0], bias=-1.0)
    found = run()
    assert found["flip_top"].tolist() == [1.0] and found["flip_random"].tolist() == [0.0]
    assert shares(found) == pytest.approx([1 / 3] * 3)
    assert imposed(model(), [0.0, 1.0, 0.0], [-5.0, 2.0, -5.0], bias=1.0)()["never_flips"].tolist() == [1.0]


def test_a_decision_that_never_flips_has_no_share_unless_asked_for():
    run = imposed(model(), [0.5, 0.3, 0.2], [1.0, 2.0, 3.0], bias=1.0)
    assert np.isnan(shares(run())).all() and run()["never_flips"].tolist() == [1.0]
    found = run(unflipped=1.0)
    assert shares(found) == [1.0] * 3 and found["never_flips"].tolist() == [1.0]


def test_of_equal_weights_the_first_goes_first():
    # Without word 0 the logit is -1 / 2; without word 1, + 1 / 2.
    found = imposed(model(), [1 / 3, 1 / 3, 1 / 3], [2.0, 0.0, -1.0])(draws=1)
    assert found["flip_top"].tolist() == [1.0] and shares(found)[0] == pytest.approx(1 / 3)
    found = imposed(model(), [1 / 3, 1 / 3, 1 / 3], [0.0, 2.0, -1.0])(draws=1)
    assert found["flip_top"].tolist() == [0.0] and shares(found)[0] == pytest.approx(2 / 3)


def test_texts_of_one_word_or_none_are_left_out():
    found = make("experiment", "erasure", sharp()).run(batch([[8], []]), ["a", "b"])
    assert all(np.isnan(values).all() for name, values in found.items() if name != "prediction")


def test_divergences_stay_within_bounds_at_saturated_predictions():
    found = imposed(model(), [0.9, 0.05, 0.05], [60.0, -300.0, -300.0])(draws=3)
    assert found["js_difference"][0] == pytest.approx(LN2, abs=1e-9)
    assert found["flip_top"].tolist() == [1.0]


def test_draws_depend_on_seed_and_example():
    runs = {seed: make("experiment", "erasure", sharp(), seed=seed, draws=3) for seed in (1, 2)}
    twice = batch([SENTENCES[2]] * 2)
    first, second = (runs[1].run(twice, ids)["weight_difference"].tolist() for ids in (["a", "b"], ["b", "a"]))
    assert first == pytest.approx(second[::-1], abs=1e-6)
    assert abs(first[0] - first[1]) > 1e-4
    assert runs[2].run(twice, ["a", "b"])["weight_difference"].tolist() != first
