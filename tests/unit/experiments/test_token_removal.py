"""Decision flips by token removal.

Expected numbers: words taken out of a sentence one after another, each rest read by the whole model by itself, in
float64 and of `reference`.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

import reference
from attnexplain.experiments.token_removal import deleted, ranking, zeroed
from attnexplain.models.memory import Budget
from attnexplain.registry import load
from explaining import LONG, MODELS, PAIRS, QUESTIONS, SENTENCES, asked, batch, make, model, scores

METHODS = ["attention", "gradient", "input-x-gradient", "random"]
each_model = pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)


def removal(classifier, given, *, budget=4096, **options):
    """The experiment on given scores: by method, per sentence."""
    made = load("experiment", "token-removal")(classifier, seed=1, methods=sorted(given), **options)
    made.read({method: [np.array(row, np.float32) for row in rows] for method, rows in given.items()}, Budget(budget))
    return made


def run(made, found=None):
    found = batch() if found is None else found
    return made.run(found, [f"e{index}" for index in found.index.tolist()])


def without(classifier, words, gone, question):
    """Class predicted without the words at the places `gone`."""
    return reference.predicted(classifier, [word for place, word in enumerate(words) if place not in gone], question)


def with_padding(classifier, words, gone, question):
    """Class predicted with the words at the places `gone` read as padding and not attended."""
    text = reference.padded([[0 if place in gone else word for place, word in enumerate(words)]])
    mask = torch.ones_like(text.mask)
    text = replace(text, mask=mask, attended=text.attended & (text.token_ids != 0))
    weights, states = reference.attention(classifier, text, question)
    return int(torch.tensor(reference.probabilities(classifier, states[0], weights[0], question)).argmax())


def by_hand(predict, classifier, words, values, question, size=1):
    """(flip_first, fraction, never), words removed from the highest value down: one, then `size` at a time."""
    decision = reference.predicted(classifier, words, question)
    order = sorted(range(len(words)), key=lambda place: -values[place])
    first = float(predict(classifier, words, order[:1], question) != decision)
    count = 1
    while True:
        if predict(classifier, words, order[:count], question) != decision:
            return first, count / len(words), 0.0
        if count == len(words):
            return first, 1.0, 1.0
        count = min(count + size, len(words))


def check(found, expected):
    for column, wanted in zip(("flip_first", "fraction", "never"), np.moveaxis(np.array(expected), -1, 0), strict=True):
        assert found[column] == pytest.approx(wanted, abs=1e-12), column


@each_model
def test_words_are_removed_one_after_another_until_the_decision_flips(encoder, attention, classes):
    classifier = model(encoder, attention, classes)
    given = {method: distinct(scores(method, classifier)) for method in METHODS}
    exact, questions = reference.exact(classifier), asked(classifier)
    expected = [
        [by_hand(without, exact, words, given[method][row], questions[row]) for method in METHODS]
        for row, words in enumerate(SENTENCES)
    ]
    found = run(removal(classifier, given))
    check(found, expected)
    assert found["prediction"].tolist() == [
        reference.predicted(exact, words, question) for words, question in zip(SENTENCES, questions, strict=True)
    ]


def distinct(rows):
    """Scores without ties: what is equal ranks by its place."""
    return [row - 1e-4 * np.arange(len(row), dtype=np.float32) for row in rows]


@each_model
def test_zeroed_words_leave_the_text_as_long_as_it_was(encoder, attention, classes):
    classifier = model(encoder, attention, classes)
    given = {method: distinct(scores(method, classifier)) for method in METHODS}
    exact, questions = reference.exact(classifier), asked(classifier)
    expected = [
        [by_hand(with_padding, exact, words, given[method][row], questions[row]) for method in METHODS]
        for row, words in enumerate(SENTENCES)
    ]
    check(run(removal(classifier, given, how="zero")), expected)


def test_the_models_above_flip_early_late_and_never():
    found = [run(removal(model(*one), {"random": scores("random", model(*one))})) for one in MODELS]
    fractions = np.concatenate([columns["fraction"].ravel() for columns in found])
    assert {True, False} == {bool(columns["never"].any()) for columns in found}
    assert (fractions < 0.3).any() and ((fractions > 0.3) & (fractions < 1)).any()


@pytest.mark.parametrize(("step", "size"), [(0.02, 1), (0.25, 2), (0.5, 4), (1.0, 9)])
def test_after_the_first_word_a_share_of_the_text_goes_at_a_time(step, size):
    classifier = model("cnn", "dot", 3)
    row = 2
    assert len(SENTENCES[row]) == 9
    for seed in range(8):
        values = np.random.default_rng(seed).random(9)
        expected = by_hand(without, reference.exact(classifier), SENTENCES[row], values, None, size)
        given = {"random": [values if place == row else np.zeros(len(words)) for place, words in enumerate(SENTENCES)]}
        check(run(removal(classifier, given, step=step), batch(indices=[row])), [[expected]])


@pytest.mark.parametrize(("length", "step", "sizes"), [(300, 0.02, [1, *range(7, 300, 6), 300]), (5, 0.3, [1, 3, 5])])
def test_a_text_that_never_flips_is_read_at_every_step_down_to_nothing(length, step, sizes, monkeypatch):
    classifier, read = model(), []
    classifier.decoder.weight.data.zero_()
    classifier.decoder.bias.data.fill_(1.0)
    forward = classifier.forward
    monkeypatch.setattr(
        classifier, "forward", lambda found, *query: read.append(int(found.attended.sum())) or forward(found, *query)
    )
    found = run(removal(classifier, {"attention": [np.arange(length)]}, step=step), batch([LONG[:length]]))
    assert [length - count for count in read] == [0, *sizes]
    assert (found["fraction"].tolist(), found["never"].tolist(), found["flip_first"].tolist()) == ([[1]], [[1]], [[0]])


def test_a_decision_that_has_flipped_is_not_looked_at_again(monkeypatch):
    classifier, rows = model(), []
    given = {method: scores(method, classifier) for method in METHODS}
    expected = run(removal(classifier, given))
    forward = classifier.forward
    monkeypatch.setattr(
        classifier, "forward", lambda found, *query: rows.append(len(found.index)) or forward(found, *query)
    )
    run(removal(classifier, given))
    lengths = np.array([len(words) for words in SENTENCES])[:, None]
    readings = np.where(expected["never"] == 1, lengths, np.rint(expected["fraction"] * lengths))
    assert sum(rows) == len(SENTENCES) + readings.sum()


@pytest.mark.parametrize("classes", [2, 3, PAIRS])
@pytest.mark.parametrize("how", ["delete", "zero"])
def test_no_piece_is_larger_than_the_budget_and_none_changes_the_result(classes, how, monkeypatch):
    classifier, sizes = model(classes=classes), []
    given = {method: scores(method, classifier) for method in METHODS}
    whole = run(removal(classifier, given, how=how))
    forward = classifier.forward
    monkeypatch.setattr(
        classifier, "forward", lambda found, *query: sizes.append(found.token_ids.numel()) or forward(found, *query)
    )
    pieces = run(removal(classifier, given, how=how, budget=30))
    assert max(sizes[1:]) <= 30
    for column in whole:
        np.testing.assert_array_equal(pieces[column], whole[column])


@pytest.mark.parametrize("flips", [True, False])
def test_a_text_of_one_word_flips_where_nothing_is_another_decision(flips):
    classifier = model()
    logit = classifier(batch([[8]])).logits.item() - classifier.decoder.bias.item()
    classifier.decoder.bias.data.fill_(-0.5 * logit if flips else 0.5 * logit)
    found = run(removal(classifier, {"attention": [[1.0]]}), batch([[8]]))
    assert (found["flip_first"].item(), found["fraction"].item(), found["never"].item()) == (flips, 1.0, not flips)


def test_a_text_without_words_has_no_such_number():
    found = run(removal(model(), {"attention": [[], [1.0, 0.0]]}), batch([[], [8, 9]]))
    for column in ("flip_first", "fraction", "never"):
        assert np.isnan(found[column][0]).all() and not np.isnan(found[column][1]).any()


def test_signed_scores_rank_what_speaks_for_the_class_first_magnitudes_what_speaks_most():
    values = np.array([0.1, -3.0, 2.0, -0.5])
    draws = np.zeros(4)
    assert ranking(values, "signed", draws).tolist() == [1, 3, 0, 2]
    assert ranking(values, "absolute", draws).tolist() == [3, 0, 1, 2]
    classifier = model()
    given = {"input-x-gradient": scores("input-x-gradient", classifier)}
    magnitudes = {"input-x-gradient": [np.abs(row) for row in given["input-x-gradient"]]}
    by_sign = {sign: run(removal(classifier, given, sign=sign))["fraction"] for sign in ("signed", "absolute")}
    np.testing.assert_array_equal(by_sign["absolute"], run(removal(classifier, magnitudes))["fraction"])


def test_ties_are_broken_at_random_and_alike_for_all_methods():
    draws = np.array([0.3, 0.9, 0.1, 0.5])
    assert ranking(np.array([1.0, 2.0, 1.0, 1.0]), "signed", draws).tolist() == [2, 0, 1, 3]
    classifier = model("cnn", "dot", 3)
    nothing = [np.zeros(len(words)) for words in SENTENCES]
    found = run(removal(classifier, {"attention": nothing, "gradient": nothing}))["fraction"]
    np.testing.assert_array_equal(found[:, 0], found[:, 1])
    made = removal(classifier, {"attention": [np.zeros(4)]})
    alone = batch([SENTENCES[0]])
    first = [made._turns(alone, np.array([4]), [f"e{example}"])[0, 0, 1:5].argmin() for example in range(400)]
    assert np.bincount(first, minlength=4).min() > 60  # 100 each, by chance


def test_deleted_words_leave_the_rest_in_its_order():
    found = batch([[5, 9, 7, 4], [8], [6, 10]])
    gone = torch.zeros_like(found.mask)
    gone[0, 1] = gone[0, 3] = gone[1, 1] = True
    shorter = deleted(found, gone)
    assert shorter.token_ids.tolist() == [[2, 9, 4, 3], [2, 3, 0, 0], [2, 6, 10, 3]]
    assert shorter.mask.sum(dim=1).tolist() == [4, 2, 4]
    assert shorter.attended.tolist() == [[False, True, True, False], [False] * 4, [False, True, True, False]]


def test_zeroed_words_are_read_but_not_attended():
    found = batch([[5, 9, 7, 4], [8]])
    gone = torch.zeros_like(found.mask)
    gone[0, 1] = gone[1, 1] = True
    shorter = zeroed(found, gone)
    assert shorter.token_ids.tolist() == [[2, 0, 9, 7, 4, 3], [2, 0, 3, 0, 0, 0]]
    assert torch.equal(shorter.mask, found.mask)
    assert shorter.attended.tolist() == [[False, False, True, True, True, False], [False] * 6]


def test_the_question_of_a_pair_stays_and_is_encoded_once(monkeypatch):
    classifier, calls = model(classes=PAIRS), []
    ask = classifier.question.forward
    monkeypatch.setattr(classifier.question, "forward", lambda *given: calls.append(given[0]) or ask(*given))
    run(removal(classifier, {"random": [np.arange(len(words)) for words in SENTENCES]}))
    assert len(calls) == 1 and calls[0][2, :3].tolist() == [2, *QUESTIONS[2].words, 3]


def test_the_seed_decides_ties_alone():
    classifier = model()
    first, second = (
        make("experiment", "token-removal", classifier, methods=["attention"], seed=seed).run(batch(), list("abcde"))
        for seed in (1, 2)
    )
    np.testing.assert_array_equal(first["fraction"], second["fraction"])
