"""Gradients of the attention, plain and times the weight.

Expected numbers: autograd on the weights of one sentence at a time, and central differences of the decoder, both in
float64 and of `reference`; on two tokens the closed form.
"""

import pytest
import torch

import reference
from attnexplain.models.classifier import build_classifier
from explaining import MODELS, SENTENCES, asked, batch, flat, make, model, words
from regularisers import regularised
from tiny import VOCABULARY

each_model = pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)


def scores(name, classifier, found=None):
    found = batch() if found is None else found
    return words(make("method", name, classifier).attribute(found).scores, found)


def parts(classifier, sentence, question):
    """Predicted class, weights (L,) and states (L, H) of the words of one sentence."""
    probability, weights, states = reference.forward(classifier, sentence, asked=question)
    return probability.index(max(probability)), weights[1:-1], states[1:-1]


def autograd(classifier, sentence, question):
    target, weights, states = parts(classifier, sentence, question)
    weights = weights.clone().requires_grad_()
    (found,) = torch.autograd.grad(reference.decode(classifier, weights @ states, question)[target], weights)
    return found.tolist()


def differences(classifier, sentence, question):
    target, weights, states = parts(classifier, sentence, question)
    step = reference.STEP * torch.eye(len(sentence), dtype=torch.float64)
    up, down = (reference.probabilities(classifier, states, weights + sign * step, question) for sign in (1, -1))
    return [(high[target] - low[target]) / (2 * reference.STEP) for high, low in zip(up, down, strict=True)]


@each_model
@pytest.mark.parametrize("expected", [autograd, differences])
def test_attention_gradient_is_the_derivative_in_each_weight_under_fixed_states(encoder, attention, classes, expected):
    classifier = reference.exact(model(encoder, attention, classes))
    questions = asked(classifier)
    wanted = [expected(classifier, *one) for one in zip(SENTENCES, questions, strict=True)]
    assert flat(scores("attention-gradient", classifier)) == pytest.approx(flat(wanted), abs=1e-8)
    assert max(map(abs, flat(wanted))) > 1e-3


@each_model
def test_times_the_weight_it_is_attention_x_gradient(encoder, attention, classes):
    classifier = reference.exact(model(encoder, attention, classes))
    by = {name: flat(scores(name, classifier)) for name in ("attention", "attention-gradient", "attention-x-gradient")}
    product = [a * g for a, g in zip(by["attention"], by["attention-gradient"], strict=True)]
    assert by["attention-x-gradient"] == pytest.approx(product, abs=1e-15)


@pytest.mark.parametrize("mirrored", [False, True])
def test_two_tokens_under_a_binary_decoder_follow_the_closed_form(mirrored):
    # z = a_1 v_1 + a_2 v_2 + b, p = sigmoid(z): dp/da_t = p (1 - p) v_t for class 1, the negative of it for class 0
    classifier = reference.exact(model())
    if mirrored:
        classifier.decoder.weight.data *= -1
        classifier.decoder.bias.data *= -1
    sentence = [18, 17]
    target, weights, states = parts(classifier, sentence, None)
    v = (states @ classifier.decoder.weight[0]).tolist()
    z = weights[0].item() * v[0] + weights[1].item() * v[1] + classifier.decoder.bias.item()
    p = 1 / (1 + torch.tensor(-z).double().exp().item())
    sign = 1 if target == 1 else -1
    expected = [sign * p * (1 - p) * v[0], sign * p * (1 - p) * v[1]]
    (found,) = scores("attention-gradient", classifier, batch([sentence]))
    assert found == pytest.approx(expected, abs=1e-12)
    assert target == (1 if z > 0 else 0) and min(map(abs, found)) > 1e-3


def test_the_class_that_is_predicted_changes_no_magnitude_of_a_binary_task():
    classifier = model()
    plain = scores("attention-gradient", classifier)
    classifier.decoder.weight.data *= -1
    classifier.decoder.bias.data *= -1
    assert flat(scores("attention-gradient", classifier)) == pytest.approx(flat(plain), abs=1e-7)


def test_of_three_classes_it_follows_the_softmax():
    # dp_c/da_t = p_c (v_tc - sum_k p_k v_tk)
    classifier = reference.exact(model("average", classes=3))
    target, weights, states = parts(classifier, SENTENCES[0], None)
    v = states @ classifier.decoder.weight.T  # (L, 3)
    p = (weights @ v + classifier.decoder.bias).softmax(-1)
    expected = p[target] * (v[:, target] - v @ p)
    (found,) = scores("attention-gradient", classifier, batch([SENTENCES[0]]))
    assert found == pytest.approx(expected.tolist(), abs=1e-12)


def test_the_encoder_has_no_backward_pass_and_parameters_no_gradient(monkeypatch):
    classifier = model()
    seen = []
    encode = classifier.encode
    monkeypatch.setattr(classifier, "encode", lambda *given: seen.append(torch.is_grad_enabled()) or encode(*given))
    scores("attention-x-gradient", classifier)
    assert seen == [False]
    assert all(parameter.grad is None for parameter in classifier.parameters())


def test_what_is_mixed_counts_where_it_is_not_what_attention_reads():
    # task scaling mixes s_t h_t: dp/da_t = p (1 - p) s_t v_t
    classifier = build_classifier(regularised("tasc"), len(VOCABULARY)).double().eval()
    found = batch([[18, 17, 5]])
    with torch.no_grad():
        output = classifier(found)
        scales = classifier.regularisers["tasc"].scale(found.token_ids, output.embedded)  # (1, T)
    probability = output.logits.sigmoid().item()
    sign = 1 if probability > 0.5 else -1
    v = output.states @ classifier.decoder.weight[0]
    expected = (sign * probability * (1 - probability) * scales * v)[0, 1:-1]
    assert flat(scores("attention-gradient", classifier, found)) == pytest.approx(expected.tolist(), abs=1e-12)
