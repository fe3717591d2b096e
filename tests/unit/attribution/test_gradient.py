"""The published gradient, attention detached.

Expected numbers: captum's InputXGradient on the same function with detached weights; central differences of the
definition under fixed weights; and a model of one token's embedding, solved on paper.
"""

import pytest
import torch
from captum.attr import InputXGradient

import reference
from explaining import MODELS, SENTENCES, asked, batch, flat, make, model, words

each_model = pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)


def captum_scores(classifier, found):
    """|e . dp/de| by captum, of a forward pass whose weights are detached."""

    query = classifier.query(found)

    def forward(embedded):
        states = classifier.encode(embedded, found.mask)
        weights = classifier.attend(states, found, query).detach()
        return classifier.probabilities(classifier.decode(states, weights, query))

    embedded = classifier.embed(found.token_ids).detach().requires_grad_()
    target = forward(embedded).argmax(dim=-1)
    return InputXGradient(forward).attribute(embedded, target=target).sum(dim=-1).abs()


@each_model
def test_gradient_equals_captum_with_detached_attention(encoder, attention, classes):
    classifier, found = model(encoder, attention, classes), batch()
    scores = make("method", "gradient", classifier).attribute(found).scores
    assert flat(words(scores, found)) == pytest.approx(flat(words(captum_scores(classifier, found), found)), abs=1e-6)


@each_model
def test_gradient_equals_finite_differences_under_fixed_attention(encoder, attention, classes):
    classifier = model(encoder, attention, classes)
    scores = words(make("method", "gradient", reference.exact(classifier)).attribute(batch()).scores, batch())
    expected = [
        [
            abs(score)
            for score in reference.input_x_gradient(
                reference.exact(classifier), sentence, fixed_attention=True, asked=question
            )
        ]
        for sentence, question in zip(SENTENCES, asked(classifier), strict=True)
    ]
    assert flat(scores) == pytest.approx(flat(expected), abs=1e-8)


def test_both_classes_of_a_binary_task_have_the_same_gradient():
    classifier = model()
    scores = make("method", "gradient", classifier).attribute(batch()).scores
    with torch.no_grad():  # the mirrored decoder predicts the other class with the same probability
        classifier.decoder.weight *= -1
        classifier.decoder.bias *= -1
    torch.testing.assert_close(make("method", "gradient", classifier).attribute(batch()).scores, scores)


def test_one_word_under_the_average_encoder_follows_the_formula():
    # alpha = 1, h = tanh(W e + b), p = sigmoid(theta.h + c): e.dp/de = p (1 - p) sum_k theta_k (1 - h_k^2) (W e)_k
    classifier = reference.exact(model("average"))
    e = classifier.embedding.weight[9]
    moved = classifier.encoder.projection.weight @ e
    h = (moved + classifier.encoder.projection.bias).tanh()
    p = torch.sigmoid(classifier.decoder(h))
    expected = (p * (1 - p) * (classifier.decoder.weight[0] * (1 - h**2) * moved).sum()).abs().item()
    found = make("method", "gradient", classifier).attribute(batch([[9]]))
    assert found.scores[0, 1].item() == pytest.approx(expected, abs=1e-12)
