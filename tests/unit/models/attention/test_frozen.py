"""Frozen attention. Expected: the weights of the base's own forward pass, to the bit."""

import pytest
import torch
from safetensors.torch import save_file

from attnexplain.attribution.leave_one_out import without
from attnexplain.errors import ResultError
from attnexplain.models.classifier import build_classifier, load_classifier
from explaining import PAIRS, batch, model
from tiny import VOCABULARY, tiny_batch, tiny_spec

V = len(VOCABULARY)


@pytest.mark.parametrize("classes", [2, 3, PAIRS])
@torch.no_grad()
def test_weights_are_those_of_the_base(classes):
    guide, found = model("average", "frozen", classes), batch()
    assert guide(found).weights.equal(guide.attention.base(found).weights)
    assert not guide(found).weights.equal(model("average", "additive", classes)(found).weights)


@torch.no_grad()
def test_a_shortened_text_has_the_weights_that_the_base_gives_to_it():
    guide = model("average", "frozen")
    shorter = without(batch(), torch.tensor([0, 2]), torch.tensor([2, 5]))
    assert guide(shorter).weights.equal(guide.attention.base(shorter).weights)


def test_the_base_is_no_part_of_the_model_and_is_left_alone():
    guide = model("average", "frozen").train()
    base = guide.attention.base
    assert not list(guide.attention.parameters())
    assert not any(name.startswith("attention") for name in guide.state_dict())
    assert not base.training
    guide(batch()).logits.sum().backward()
    assert all(parameter.grad is None for parameter in base.parameters())
    assert guide.embedding.weight.grad.abs().sum() > 0


def test_a_guide_is_read_from_its_file_with_its_base_beside_it(tmp_path):
    spec = tiny_spec("average", "frozen")
    base = build_classifier(spec["base"], V).eval()
    guide = build_classifier(spec, V, base=base).eval()
    bases = {spec["base"]["run"]: tmp_path / "base.safetensors"}
    save_file(base.state_dict(), bases[spec["base"]["run"]])
    save_file(guide.state_dict(), tmp_path / "guide.safetensors")
    again, found = load_classifier(tmp_path / "guide.safetensors", spec, V, bases=bases), tiny_batch()
    assert again(found).logits.equal(guide(found).logits)
    with pytest.raises(ResultError, match=r"stands on tiny\.bilstm\.additive"):
        load_classifier(tmp_path / "guide.safetensors", spec, V)
