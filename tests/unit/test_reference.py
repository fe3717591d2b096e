"""The oracle itself: its batches against one text at a time, autograd against central differences, sums in scalars."""

import math

import pytest
import torch

import reference
from explaining import LONG, MODELS, PAIRS, QUESTIONS, SENTENCES, asked, flat, model

each_model = pytest.mark.parametrize(("encoder", "attention", "classes"), MODELS)


@each_model
@pytest.mark.parametrize("fixed_attention", [False, True])
def test_autograd_equals_central_differences(encoder, attention, classes, fixed_attention):
    classifier = reference.exact(model(encoder, attention, classes))
    for words, question in zip(SENTENCES, asked(classifier), strict=True):
        by_autograd, by_differences = (
            method(classifier, words, fixed_attention=fixed_attention, asked=question)
            for method in (reference.autograd_input_x_gradient, reference.input_x_gradient)
        )
        assert by_autograd == pytest.approx(by_differences, abs=1e-8)


@pytest.mark.parametrize("classes", [2, 3, PAIRS])
def test_autograd_along_the_path_equals_central_differences(classes):
    classifier = reference.exact(model(classes=classes))
    by_autograd, by_differences = (
        flat(method(classifier, *text) for text in zip(SENTENCES, [4] * 5, asked(classifier), strict=True))
        for method in (reference.autograd_integrated_gradients, reference.integrated_gradients)
    )
    assert by_autograd == pytest.approx(by_differences, abs=1e-8)
    assert max(by_differences) > 1e-3


@each_model
def test_the_shorter_texts_of_a_batch_are_predicted_as_each_by_itself(encoder, attention, classes):
    classifier = reference.exact(model(encoder, attention, classes))
    for words, question in zip(SENTENCES, asked(classifier), strict=True):
        whole = reference.forward(classifier, words, asked=question)[0]
        rest = (words[:place] + words[place + 1 :] for place in range(len(words)))
        alone = [reference.forward(classifier, shorter, asked=question)[0] for shorter in rest]
        expected = [sum(abs(a - b) for a, b in zip(whole, other, strict=True)) / 2 for other in alone]
        assert reference.leave_one_out(classifier, words, question) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("encoder", "attention", "classes"), [one for one in MODELS if one[2] != PAIRS])
def test_padded_batches_are_predicted_as_each_text_by_itself(encoder, attention, classes):
    classifier, texts = reference.exact(model(encoder, attention, classes)), [*SENTENCES, LONG]
    expected = torch.tensor([reference.forward(classifier, words)[0] for words in texts])
    torch.testing.assert_close(reference.predict(classifier, texts, 4), expected.double(), atol=1e-7, rtol=0)


def test_a_linear_decoder_is_a_sum_and_a_sigmoid_or_softmax():
    for classes in (2, 3):
        classifier = reference.exact(model(classes=classes))
        context = torch.linspace(-1, 1, 16, dtype=torch.float64)
        rows = zip(classifier.decoder.weight.tolist(), classifier.decoder.bias.tolist(), strict=True)
        logits = [sum(w * c for w, c in zip(row, context.tolist(), strict=True)) + bias for row, bias in rows]
        exponents = [1.0, math.exp(logits[0])] if classes == 2 else [math.exp(logit) for logit in logits]
        expected = [value / sum(exponents) for value in exponents]
        assert reference.decode(classifier, context).tolist() == pytest.approx(expected, abs=1e-12)


@torch.no_grad()
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_decoder_of_pairs_is_a_layer_unit_by_unit_and_a_softmax_over_candidates(question):
    classifier = reference.exact(model(classes=PAIRS))
    decoder, vector = classifier.decoder, reference.query(classifier, question)
    context = torch.linspace(-1, 1, 16, dtype=torch.float64)
    hidden = [
        math.tanh(float(p @ context + p0 + q @ vector + q0))
        for p, p0, q, q0 in zip(
            decoder.context.weight, decoder.context.bias, decoder.query.weight, decoder.query.bias, strict=True
        )
    ]
    logits = [
        sum(float(weight) * unit for weight, unit in zip(row, hidden, strict=True)) + float(bias)
        for row, bias in zip(decoder.output.weight, decoder.output.bias, strict=True)
    ]
    allowed = range(len(logits)) if question.candidates is None else question.candidates
    total = sum(math.exp(logits[index]) for index in allowed)
    expected = [math.exp(logit) / total if index in allowed else 0.0 for index, logit in enumerate(logits)]
    assert reference.decode(classifier, context, question).tolist() == pytest.approx(expected, abs=1e-12)
