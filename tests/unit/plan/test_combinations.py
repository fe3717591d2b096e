"""Combinations: what is refused when the plan is made, and why; what stands in ids and code digests."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attnexplain import registry
from attnexplain.errors import ConfigError
from studies import plan

WIDE: dict[str, Any] = {"name": "bilstm", "hidden": 150}  # twice 150 is the embedding's default
PAIRS: dict[str, Any] = {
    "name": "pairs",
    "title": "Pairs",
    "task": "entailment",
    "classes": ["a", "b"],
    "sources": {"synthetic": {"reader": "planted-sentiment"}},
}
REFUSED: list[tuple[dict[str, Any], Any, list[str]]] = [
    ({}, "tying", ["256 and 300", "`hidden` to 150", "encoder: bilstm", "data set reviews", "`exclude`"]),
    ({"encoder": "cnn"}, "mlm", ["128 and 300", "`hidden` to 300"]),
    ({"encoder": {"name": "average", "hidden": 300}}, "mlm", ["encoder 'average'", "neighbours"]),
    ({"encoder": "cnn"}, "orthogonal", ["is for encoder bilstm and lstm, not 'cnn'", "step of an LSTM"]),
    ({"attention": "uniform"}, "entropy", ["does not go with attention 'uniform'", "weights are fixed"]),
    ({"attention": "uniform"}, "evidence-supervision", ["attention 'uniform'"]),
    ({"attention": "uniform"}, ["tying", "deceptive"], ["attention 'uniform'"]),
    ({"encoder": WIDE}, ["concat", "tying"], ["'tying' does not go with regulariser 'concat'", "wider"]),
    ({"encoder": WIDE}, ["concat", "mlm"], ["'mlm' does not go with regulariser 'concat'"]),
]


def of(encoder: Any = "bilstm", regulariser: Any = "none", attention: Any = "additive") -> dict[str, Any]:
    grid = {"encoder": encoder, "attention": attention, "regulariser": [regulariser]}
    return {"grid": grid, "seeds": [1]}


@pytest.mark.parametrize("model, regulariser, said", REFUSED, ids=str)
def test_what_cannot_be_is_refused_with_the_reason(
    tmp_path: Path, model: dict[str, Any], regulariser: Any, said: list[str]
) -> None:
    with pytest.raises(ConfigError) as error:
        plan(tmp_path, of(**model, regulariser=regulariser))
    assert all(text in str(error.value) for text in said), str(error.value)


def test_pairs_are_refused_where_single_texts_are_needed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'concat' is defined for single texts.*`datasets`"):
        plan(tmp_path, {**of(WIDE, "concat"), "datasets": [PAIRS]})


@pytest.mark.parametrize("regulariser", ["tying", "mlm", "concat", ["tying", "mlm"], ["concat", "orthogonal"]], ids=str)
def test_what_goes_together_is_planned(tmp_path: Path, regulariser: Any) -> None:
    assert len(plan(tmp_path, of(WIDE, regulariser)).runs) == 1


def test_the_size_is_that_of_the_vectors_where_there_are_some(tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("good 1 2 3 4\n")
    small = {"name": "bilstm", "hidden": 2}
    assert plan(tmp_path, {**of(small, "tying"), "vectors": str(vectors)}).runs
    with pytest.raises(ConfigError, match=r"300 and 4 .*`hidden` to 2"):
        plan(tmp_path, {**of(WIDE, "tying"), "vectors": str(vectors)})
    with pytest.raises(ConfigError, match=r"300 and 25 .*encoder of one direction"):
        plan(tmp_path, {**of(WIDE, "tying"), "training": {"embedding_size": 25}})


def test_two_that_change_the_same_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = registry.facts
    monkeypatch.setattr(registry, "facts", lambda *of: {**facts(*of), "changes": "states", "needs": [], "excludes": {}})
    with pytest.raises(ConfigError, match="'mlm' and 'tying' both change the states"):
        plan(tmp_path, of(WIDE, ["tying", "mlm"]))


def test_what_is_excluded_is_not_refused(tmp_path: Path) -> None:
    grid = {"encoder": [WIDE, "cnn"], "attention": "dot", "regulariser": ["none", "tying"]}
    runs = plan(tmp_path, {"grid": grid, "seeds": [1], "exclude": [{"encoder": "cnn", "regulariser": "tying"}]}).runs
    assert len(runs) == 3


def test_a_weight_stands_in_the_id_and_a_combination_in_the_slug(tmp_path: Path) -> None:
    ((run, spec),) = plan(tmp_path, of(WIDE, ["tying", {"name": "mlm", "weight": 0.5}])).runs.items()
    mlm, tying = spec["slug"]["regulariser"].split("+")
    assert mlm.startswith("mlm-") and len(mlm) == len("mlm-") + 6 and tying == "tying"
    assert f".{mlm}+tying.s1-" in run


def test_code_of_whatever_loads_the_model_is_that_of_its_regularisers_too(tmp_path: Path) -> None:
    codes = []
    for regulariser in ("none", "tying", "mlm"):
        made = plan(tmp_path, {**of(WIDE, regulariser), "experiments": ["permutation"]})
        wildcards = SimpleNamespace(run=next(iter(made.runs)), method="gradient", experiment="permutation")
        codes.append([made.train_code(wildcards), made.attribute_code(wildcards), made.experiment_code(wildcards)])
    assert all(len(set(digests)) == 3 for digests in zip(*codes, strict=True))
