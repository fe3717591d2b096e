"""The classifier. Expected numbers: its formula term by term, and properties of its construction."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from attnexplain.errors import ResultError
from attnexplain.models.classifier import build_classifier, load_classifier
from tiny import VOCABULARY, tiny_batch, tiny_spec

V = len(VOCABULARY)


def same(a, b):
    first, second = a.state_dict(), b.state_dict()
    return first.keys() == second.keys() and all(first[name].equal(second[name]) for name in first)


@torch.no_grad()
def test_logits_are_the_decoded_weighted_sum_of_states():
    model, batch = build_classifier(tiny_spec(), V), tiny_batch()
    output = model(batch)
    for logit, weights, states in zip(output.logits, output.weights, output.states, strict=True):
        context = sum(weight * state for weight, state in zip(weights, states, strict=True))
        torch.testing.assert_close(logit, model.decoder.weight @ context + model.decoder.bias, atol=1e-6, rtol=0)


def test_two_classes_share_a_logit_and_three_have_their_own():
    for classes, logits in ((2, 1), (3, 3)):
        model = build_classifier(tiny_spec(classes=classes), V)
        output = model(tiny_batch(classes=classes))
        probability = model.probabilities(output.logits)
        assert (output.logits.shape, probability.shape) == ((6, logits), (6, classes))
        torch.testing.assert_close(probability.sum(dim=-1), torch.ones(6))


def test_the_logit_of_two_classes_is_that_of_class_1():
    model = build_classifier(tiny_spec(), V)
    assert model.probabilities(torch.tensor([[np.log(3)]]))[0].tolist() == pytest.approx([0.25, 0.75])


def test_the_initial_model_depends_on_the_seed_alone():
    torch.manual_seed(0)
    first = build_classifier(tiny_spec(), V)
    state = torch.get_rng_state()
    second = build_classifier(tiny_spec(), V)
    assert same(first, second)
    assert torch.get_rng_state().equal(state)
    assert not same(first, build_classifier(tiny_spec(seed=2), V))


def test_a_larger_vocabulary_leaves_the_other_initial_values_alone():
    small, large = (build_classifier(tiny_spec(), size) for size in (V, 2 * V))
    assert same(small.encoder, large.encoder)
    assert same(small.decoder, large.decoder)


def test_embeddings_start_as_normal_with_the_asked_deviation_and_padding_at_zero():
    training = {"embedding_size": 100, "embedding_init_std": 0.25}
    weight = build_classifier(tiny_spec(training=training), 2000).embedding.weight
    assert weight[1:].std().item() == pytest.approx(0.25, rel=0.01)
    assert weight[1:].mean().item() == pytest.approx(0, abs=0.002)
    assert weight[0].eq(0).all()
    assert weight.requires_grad


def test_vectors_fill_the_rows_found_and_set_the_size():
    matrix, found = np.ones((V, 5), np.float32), np.arange(V) % 2 == 0
    model = build_classifier(tiny_spec(), V, (matrix, found))
    assert model.embedding.weight.sum(dim=1).tolist() == [0.0] + [5.0 if row else 0.0 for row in found[1:]]
    assert model(tiny_batch()).logits.shape == (6, 1)


def test_a_saved_model_comes_back_frozen_and_in_eval_mode(tmp_path):
    model = build_classifier(tiny_spec(seed=3), V)
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    loaded = load_classifier(tmp_path / "model.safetensors", tiny_spec(), V)
    assert same(model, loaded)
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())


@pytest.mark.parametrize("content", ["cut", "other encoder", "missing"])
def test_what_is_not_the_model_is_refused_by_name(tmp_path, content):
    path = tmp_path / "model.safetensors"
    if content == "other encoder":
        save_file(build_classifier(tiny_spec("cnn"), V).state_dict(), path)
    elif content == "cut":
        path.write_bytes(b"\x10")
    with pytest.raises(ResultError, match=r"model\.safetensors"):
        load_classifier(path, tiny_spec(), V)
