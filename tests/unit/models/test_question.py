"""Models of pairs. Expected: the formula written out, and properties of their construction."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from attnexplain.models.classifier import build_classifier, load_classifier
from explaining import PAIRS, QUESTIONS, SENTENCES, batch, model, spec
from reference import Asked, exact, forward
from tiny import VOCABULARY, tiny_batch

V = len(VOCABULARY)


@pytest.mark.parametrize("encoder", ["average", "bilstm", "cnn"])
@pytest.mark.parametrize("attention", ["additive", "dot"])
def test_a_batch_of_pairs_says_what_each_pair_alone_says(encoder, attention):
    classifier = exact(model(encoder, attention, PAIRS))
    with torch.no_grad():
        output = classifier(batch())
    for row, (words, asked) in enumerate(zip(SENTENCES, QUESTIONS, strict=True)):
        probability, weights, _ = forward(classifier, words, asked=asked)
        assert classifier.probabilities(output.logits)[row].tolist() == pytest.approx(probability, abs=1e-12)
        assert output.weights[row, : len(words) + 2].tolist() == pytest.approx(weights.tolist(), abs=1e-12)


def test_question_and_text_have_tables_and_encoders_of_their_own():
    classifier = build_classifier(spec(classes=PAIRS), V)
    assert classifier.question.embedding.weight.shape == classifier.embedding.weight.shape
    assert not classifier.question.embedding.weight.equal(classifier.embedding.weight)
    assert classifier.question.embedding.weight[0].eq(0).all()
    ours, theirs = classifier.encoder.state_dict(), classifier.question.encoder.state_dict()
    assert ours.keys() == theirs.keys()
    assert not any(ours[name].equal(theirs[name]) for name in ours)


@torch.no_grad()
def test_the_question_decides_where_the_model_attends_and_what_it_says():
    classifier = exact(model("bilstm", "additive", PAIRS))
    probability, weights, _ = forward(classifier, SENTENCES[2], asked=Asked([9, 4]))
    other_probability, other_weights, _ = forward(classifier, SENTENCES[2], asked=Asked([13, 16]))
    assert np.abs(np.subtract(probability, other_probability)).max() > 1e-3
    assert (weights - other_weights).abs().max() > 1e-3


def test_classes_that_are_no_candidates_have_probability_zero():
    classifier = model(classes=PAIRS)
    with torch.no_grad():
        probability = classifier.probabilities(classifier(batch()).logits)
    assert probability[~batch().candidates].eq(0).all()
    torch.testing.assert_close(probability.sum(dim=-1), torch.ones(len(SENTENCES)))


def test_two_relations_have_a_logit_each():
    two = spec()
    two["dataset"] |= {"task": "entailment", "classes": ["no", "yes"]}
    classifier = build_classifier(two, V)
    logits = classifier(replace(batch(), candidates=None)).logits
    assert logits.shape == classifier.probabilities(logits).shape == (len(SENTENCES), 2)


def test_vectors_fill_both_tables():
    matrix, found = np.ones((V, 5), np.float32), np.arange(V) % 2 == 0
    tables = build_classifier(spec(classes=PAIRS), V, (matrix, found)).embedding_tables()
    assert len(tables) == 2
    for table in tables:
        assert table.weight.sum(dim=1).tolist() == [0.0] + [5.0 if row else 0.0 for row in found[1:]]


def test_a_saved_model_of_pairs_comes_back(tmp_path):
    save_file(model(classes=PAIRS).state_dict(), tmp_path / "model.safetensors")
    loaded = load_classifier(tmp_path / "model.safetensors", spec(classes=PAIRS), V)
    assert loaded(batch()).logits.equal(model(classes=PAIRS)(batch()).logits)


def test_a_larger_vocabulary_leaves_the_other_initial_values_alone():
    small, large = (build_classifier(spec(classes=PAIRS), size) for size in (V, 2 * V))
    for part in (*("encoder", "attention", "decoder"), "question.encoder"):
        first, second = (model.get_submodule(part).state_dict() for model in (small, large))
        assert all(first[name].equal(second[name]) for name in first)


def test_texts_without_questions_are_refused():
    with pytest.raises(ValueError, match="reads pairs"):
        model(classes=PAIRS)(tiny_batch())
