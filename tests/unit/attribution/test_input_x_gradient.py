"""Signed input times gradient, through the attention. Expected numbers: captum's, and central differences."""

import pytest
from captum.attr import InputXGradient

import reference
from attnexplain.attribution.gradients import class_probabilities
from attnexplain.models.encoders.projection import Whole
from explaining import MODELS, SENTENCES, asked, batch, flat, make, model, words

each_model = pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)


@each_model
def test_input_x_gradient_equals_captum(encoder, attention, classes):
    classifier, found = model(encoder, attention, classes), batch()
    attributions = make("method", "input-x-gradient", classifier).attribute(found)
    embedded = classifier.embed(found.token_ids).detach().requires_grad_()
    whole = Whole(classifier.encoder)
    captum = InputXGradient(lambda point: class_probabilities(classifier, whole, point, found))
    expected = captum.attribute(embedded, target=attributions.target).sum(dim=-1)
    assert flat(words(attributions.scores, found)) == pytest.approx(flat(words(expected, found)), abs=1e-6)


@each_model
def test_input_x_gradient_equals_finite_differences(encoder, attention, classes):
    classifier = reference.exact(model(encoder, attention, classes))
    scores = words(make("method", "input-x-gradient", classifier).attribute(batch()).scores, batch())
    expected = [
        reference.input_x_gradient(classifier, sentence, asked=question)
        for sentence, question in zip(SENTENCES, asked(classifier), strict=True)
    ]
    assert flat(scores) == pytest.approx(flat(expected), abs=1e-8)


def test_the_path_through_the_attention_counts():
    classifier = model()
    through, cut = (
        make("method", name, classifier).attribute(batch()).scores for name in ("input-x-gradient", "gradient")
    )
    assert (through.abs() - cut).abs().max() > 1e-3
