"""Files beside an encoder: part of the code of the jobs that load them, and of no others."""

import pytest

from attnexplain import registry
from attnexplain.plan.grid import companion_modules, model_modules
from attnexplain.provenance import Sources

RUN = {name: {"name": plugin} for name, plugin in (("attention", "dot"), ("normaliser", "softmax"))} | {
    "encoder": {"name": "bilstm"},
    "regulariser": [],
    "base": None,
}


def test_a_method_that_needs_deletions_has_those_of_the_runs_encoder():
    needs = registry.facts("method", "leave-one-out")["needs"]
    assert companion_modules(RUN, needs) == ["attnexplain.models.encoders.lstm_deletions"]


def test_gradients_have_the_encoders_projection():
    for name in ("gradient", "input-x-gradient", "integrated-gradients"):
        needs = registry.facts("method", name)["needs"]
        assert companion_modules(RUN, needs) == ["attnexplain.models.encoders.lstm_projection"]


def test_other_methods_have_none():
    needs = [need for name in ("random", "attention") for need in registry.facts("method", name)["needs"]]
    assert companion_modules(RUN, needs) == []


def test_an_encoder_without_deletions_has_none():
    assert companion_modules(RUN | {"encoder": {"name": "another"}}, ["deletions"]) == []


def test_training_does_not_reach_deletions():
    closure = Sources().closure(["attnexplain.stages.train", *model_modules(RUN)])
    assert "attnexplain.models.encoders.bilstm" in closure
    assert not [name for name in closure if "deletions" in name]


@pytest.mark.parametrize("name", sorted(registry.COMPANIONS["deletions"]))
def test_a_companion_is_found_by_the_class_it_stands_beside(name):
    found = registry.companion("deletions", "encoder", registry.load("encoder", name))
    assert found is registry.load("deletions", name)


def test_a_class_that_is_no_plugin_has_no_companion():
    assert registry.companion("deletions", "encoder", dict) is None
