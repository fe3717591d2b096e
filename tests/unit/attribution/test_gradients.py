"""The shared gradient of a class's probability. Expected numbers: torch's own gradcheck against finite differences."""

import torch

import reference
from attnexplain.attribution.gradients import along_embeddings, class_probabilities, embed, probability_gradient
from attnexplain.models.encoders.projection import Whole
from explaining import SENTENCES, batch, model


def test_the_probability_of_a_class_is_differentiated_correctly():
    classifier, found = reference.exact(model(classes=3)).requires_grad_(False), batch(SENTENCES[:2])
    point = embed(classifier, found).requires_grad_()
    whole = Whole(classifier.encoder)
    assert torch.autograd.gradcheck(lambda given: class_probabilities(classifier, whole, given, found)[:, 1], point)


def test_a_given_target_is_differentiated_instead_of_the_prediction():
    classifier, found = model(), batch()
    embedded, whole = embed(classifier, found), Whole(classifier.encoder)
    zero, one = (
        probability_gradient(classifier, whole, embedded, found, target=torch.full((len(SENTENCES),), label))
        for label in (0, 1)
    )
    torch.testing.assert_close(zero.gradient, -one.gradient)  # p0 = 1 - p1
    assert zero.gradient.abs().max() > 1e-3


def test_no_gradient_reaches_the_parameters_or_the_given_embeddings():
    classifier, found = model(), batch()
    embedded = embed(classifier, found)
    probability_gradient(classifier, Whole(classifier.encoder), embedded, found)
    assert all(parameter.grad is None for parameter in classifier.parameters())
    assert embedded.grad is None and not embedded.requires_grad


def test_gradients_are_found_where_the_caller_has_switched_them_off():
    with torch.no_grad():
        found = along_embeddings(model(), batch())
    assert found.value.abs().max() > 1e-3


def test_recurrent_layers_are_differentiated_as_cudnn_can_and_bits_are_those_of_eval_mode(monkeypatch):
    classifier, seen = model(), []
    layer, encode = classifier.encoder.rightward, classifier.encoder.forward

    def looked_at(*given):
        seen.append((layer.training, torch.backends.cudnn.enabled, classifier.training))
        return encode(*given)

    monkeypatch.setattr(classifier.encoder, "forward", looked_at)
    whole = Whole(classifier.encoder)
    found = probability_gradient(classifier, whole, embed(classifier, batch()), batch())
    assert seen == [(True, True, False)]
    assert not layer.training

    point = embed(classifier, batch()).requires_grad_()
    probability = class_probabilities(classifier, whole, point, batch())
    (expected,) = torch.autograd.grad(probability.gather(1, found.target[:, None]).sum(), point)
    assert torch.equal(found.gradient, expected)
