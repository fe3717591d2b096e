"""Leave-one-out. Expected numbers: every sentence rebuilt without each word and encoded by itself, in float64."""

import itertools

import pytest
import torch

import reference
from attnexplain import registry
from attnexplain.attribution.leave_one_out import without
from attnexplain.attribution.shortened import shortened
from explaining import LONG, MODELS, PAIRS, QUESTIONS, SENTENCES, asked, batch, flat, make, model, words


@pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)
def test_leave_one_out_equals_rebuilding_every_sentence(encoder, attention, classes):
    classifier = model(encoder, attention, classes)
    scores = words(make("method", "leave-one-out", classifier).attribute(batch()).scores, batch())
    expected = [
        reference.leave_one_out(reference.exact(classifier), sentence, question)
        for sentence, question in zip(SENTENCES, asked(classifier), strict=True)
    ]
    assert flat(scores) == pytest.approx(flat(expected), abs=1e-6)
    assert max(flat(scores)) > 1e-3


def test_the_token_is_taken_out_and_the_rest_moves_up():
    shorter = without(batch([[5, 9, 7, 4], [8]]), torch.tensor([0, 0, 1]), torch.tensor([1, 3, 1]))
    assert shorter.token_ids.tolist() == [[2, 9, 7, 4, 3], [2, 5, 9, 4, 3], [2, 3, 0, 0, 0]]
    assert shorter.mask.sum(dim=-1).tolist() == [5, 5, 2]
    assert shorter.attended.tolist() == [[False, *[True] * 3, False]] * 2 + [[False] * 5]


def test_a_text_of_one_word_falls_back_to_the_decoders_bias():
    classifier = reference.exact(model())
    score = make("method", "leave-one-out", classifier).attribute(batch([[8]])).scores[0, 1].item()
    whole, nothing = reference.forward(classifier, [8])[0], torch.sigmoid(classifier.decoder.bias).item()
    assert score == pytest.approx(abs(whole[1] - nothing), abs=1e-12)


def test_all_classes_enter_the_distance_not_only_the_predicted_one():
    classifier = reference.exact(model(classes=3))
    found = make("method", "leave-one-out", classifier).attribute(batch())
    scores, beyond = words(found.scores, batch()), []
    for row, (sentence, target) in enumerate(zip(SENTENCES, found.target.tolist(), strict=True)):
        rest = reference.forward(classifier, sentence[1:])[0]
        beyond.append(scores[row][0] - abs(found.probability[row, target].item() - rest[target]))
    assert min(beyond) > -1e-12  # half the sum over classes bounds the change of any one of them
    assert max(beyond) > 1e-3


@pytest.mark.parametrize(("encoder", "classes"), itertools.product(["average", "bilstm", "cnn", "lstm"], [2, PAIRS]))
def test_pieces_of_any_size_give_the_same_scores(encoder, classes):
    classifier, long = reference.exact(model(encoder, classes=classes)), batch([LONG[:40], SENTENCES[2], LONG[3:43]])
    whole, pieces = (
        make("method", "leave-one-out", classifier, tokens_per_batch=budget).attribute(long).scores
        for budget in (4096, 5)
    )
    assert flat(words(pieces, long)) == pytest.approx(flat(words(whole, long)), abs=1e-12)


def test_an_encoder_without_deletions_of_its_own_encodes_every_text_anew(monkeypatch):
    classifier = model()
    shared = make("method", "leave-one-out", classifier).attribute(batch()).scores
    monkeypatch.setattr("attnexplain.registry.COMPANIONS", {"deletions": {}})
    registry.targets.cache_clear()
    try:
        assert shortened(classifier, 4096) is None
        anew = make("method", "leave-one-out", classifier).attribute(batch()).scores
    finally:
        monkeypatch.undo()
        registry.targets.cache_clear()
    assert shortened(classifier, 4096) is not None
    assert flat(words(shared, batch())) == pytest.approx(flat(words(anew, batch())), abs=1e-6)


def test_attention_that_looks_at_more_than_one_state_encodes_every_text_anew():
    classifier = model()
    classifier.attention = Neighbours()
    assert shortened(classifier, 4096) is None
    scores = words(make("method", "leave-one-out", classifier).attribute(batch()).scores, batch())
    expected = [reference.leave_one_out(reference.exact(classifier), sentence) for sentence in SENTENCES]
    assert flat(scores) == pytest.approx(flat(expected), abs=1e-6)


class Neighbours(torch.nn.Module):
    """A token's score is the first number of the state to its left."""

    def forward(self, states, attended):
        return states[..., 0].roll(1, dims=1)


def test_no_text_encoded_anew_is_larger_than_the_budget(monkeypatch):
    classifier, sizes = model(), []
    classifier.attention = Neighbours()
    forward = classifier.forward
    monkeypatch.setattr(
        classifier, "forward", lambda found, *query: sizes.append(found.token_ids.numel()) or forward(found, *query)
    )
    make("method", "leave-one-out", classifier, tokens_per_batch=2000).attribute(batch([LONG]))
    assert max(sizes) <= 2000
    assert len(sizes) == 1 + -(-len(LONG) // (2000 // (len(LONG) + 2)))


def test_a_long_text_says_how_far_it_is(monkeypatch, caplog):
    monkeypatch.setattr("attnexplain.attribution.leave_one_out.SECONDS_BETWEEN_LINES", -1.0)
    with caplog.at_level("INFO"):
        make("method", "leave-one-out", model("average", "dot", 2)).attribute(batch([[5, 9, 7, 4]]))
    assert caplog.messages[-1].startswith("leave-one-out: 4 of 4 deletions; `max_length`")


def test_the_question_of_a_pair_stays_whole():
    found = batch()
    shorter = without(found, torch.tensor([2, 0]), torch.tensor([1, 2]))
    assert shorter.pair_ids[0, :3].tolist() == [2, *QUESTIONS[2].words, 3]
    assert shorter.pair_ids[1, :4].tolist() == [2, *QUESTIONS[0].words, 3]
    assert shorter.pair_mask.sum(dim=-1).tolist() == [3, 4]
    assert shorter.candidates.tolist() == [[False, True, True, False], [True, True, False, True]]


def test_questions_are_encoded_once(monkeypatch):
    classifier, calls = model(classes=PAIRS), []
    ask = classifier.question.forward
    monkeypatch.setattr(classifier.question, "forward", lambda *given: calls.append(len(given[0])) or ask(*given))
    make("method", "leave-one-out", classifier, tokens_per_batch=20).attribute(batch())
    assert calls == [5, 5]  # for the prediction, and for all the deletions
