"""Integrated gradients.

Expected numbers: captum's IntegratedGradients with the midpoint rule and the same baseline; central differences of
the definition; the completeness axiom.
"""

import pytest
import torch
from captum.attr import IntegratedGradients

import reference
from attnexplain.data.batching import Batch
from attnexplain.models.encoders.lstm_projection import LSTMProjection
from explaining import LONG, MODELS, PAIRS, QUESTIONS, SENTENCES, asked, batch, flat, make, model, words

each_model = pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)


def captum_scores(classifier, sentence, question, target, steps):
    """One sentence by captum; <sos> and <eos> stand in the baseline as they are."""
    alone = reference.sentence(sentence)
    embedded = classifier.embed(alone.token_ids).detach()
    baseline = embedded.clone()
    baseline[:, 1:-1] = 0
    whole = alone if question is None else batch(indices=[QUESTIONS.index(question)])
    query = classifier.query(whole)

    def forward(points):
        n = len(points)
        known = None if query is None else query.rows(torch.zeros(n, dtype=torch.int64))
        states = classifier.encode(points, alone.mask.expand(n, -1))
        weights = classifier.attend(states, whole.rows(torch.zeros(n, dtype=torch.int64)), known)
        return classifier.probabilities(classifier.decode(states, weights, known))

    found = IntegratedGradients(forward).attribute(
        embedded, baselines=baseline, target=target, n_steps=steps, method="riemann_middle"
    )
    return found.sum(dim=-1)[0, 1:-1].tolist()


@each_model
def test_integrated_gradients_equal_captum(encoder, attention, classes):
    classifier = model(encoder, attention, classes)
    found = make("method", "integrated-gradients", classifier).attribute(batch())
    expected = [
        captum_scores(classifier, sentence, question, target, steps=50)
        for sentence, question, target in zip(SENTENCES, asked(classifier), found.target.tolist(), strict=True)
    ]
    assert flat(words(found.scores, batch())) == pytest.approx(flat(expected), abs=1e-5)


@pytest.mark.parametrize("classes", [2, 3, PAIRS])
def test_integrated_gradients_equal_finite_differences(classes):
    classifier = reference.exact(model(classes=classes))
    found = make("method", "integrated-gradients", classifier, steps=4).attribute(batch())
    expected = [
        reference.integrated_gradients(classifier, sentence, 4, question)
        for sentence, question in zip(SENTENCES, asked(classifier), strict=True)
    ]
    assert flat(words(found.scores, batch())) == pytest.approx(flat(expected), abs=1e-8)


@each_model
def test_scores_add_up_to_the_rise_from_the_baseline(encoder, attention, classes):
    classifier = reference.exact(model(encoder, attention, classes))
    found = make("method", "integrated-gradients", classifier, steps=400).attribute(batch())
    assert found.quality["completeness_gap"].max() < 2e-3
    rows = zip(SENTENCES, asked(classifier), found.target.tolist(), words(found.scores, batch()), strict=True)
    for sentence, question, target, scores in rows:
        embedded = classifier.embed(reference.sentence(sentence).token_ids).detach()
        embedded[:, 1:-1] = 0
        rise = (
            reference.forward(classifier, sentence, asked=question)[0][target]
            - reference.forward(classifier, sentence, embedded, asked=question)[0][target]
        )
        assert sum(scores) == pytest.approx(rise, abs=2e-3)


def test_the_gap_is_the_distance_between_the_sum_and_the_rise():
    classifier = reference.exact(model())
    found = make("method", "integrated-gradients", classifier, steps=1).attribute(batch([SENTENCES[0]]))
    embedded = classifier.embed(reference.sentence(SENTENCES[0]).token_ids).detach()
    embedded[:, 1:-1] = 0
    high, low = reference.forward(classifier, SENTENCES[0])[0], reference.forward(classifier, SENTENCES[0], embedded)[0]
    target = found.target.item()
    expected = abs(found.scores.sum().item() - (high[target] - low[target]))
    assert expected > 1e-4
    assert found.quality["completeness_gap"].item() == pytest.approx(expected, abs=1e-12)


def test_the_gap_falls_as_the_steps_grow():
    gaps = [
        make("method", "integrated-gradients", reference.exact(model("average")), steps=steps)
        .attribute(batch([*SENTENCES, LONG]))
        .quality["completeness_gap"]
        .mean()
        for steps in (2, 20, 200)
    ]
    assert gaps[0] > 10 * gaps[1] > 100 * gaps[2]


def test_one_step_is_held_in_memory_at_a_time(monkeypatch):
    sizes, states = [], LSTMProjection.states
    monkeypatch.setattr(
        LSTMProjection, "states", lambda own, given, mask: sizes.append(len(mask)) or states(own, given, mask)
    )
    make("method", "integrated-gradients", model(), steps=6).attribute(batch())
    assert sizes == [len(SENTENCES)] * (6 + 1)  # the baseline too


def test_a_text_without_words_has_a_rise_of_zero():
    empty = Batch(torch.tensor([[2, 3]]), torch.ones(1, 2).bool(), torch.zeros(1, 2).bool(), None, torch.tensor([0]))
    found = make("method", "integrated-gradients", model(), steps=2).attribute(empty)
    assert found.scores.tolist() == [[0.0, 0.0]]
    assert found.quality["completeness_gap"].item() == 0
