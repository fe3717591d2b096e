"""Runs that stand on runs: what a `base` resolves to, what it does to identities, and what is refused."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attnexplain.config.load import load_study
from attnexplain.errors import ConfigError
from attnexplain.plan.grid import bases
from attnexplain.plan.study_plan import StudyPlan
from attnexplain.provenance import Sources
from studies import plan

ROOT = Path(__file__).parents[3]
BASE: dict[str, Any] = {"encoder": "bilstm", "attention": "additive", "regulariser": "none"}


def frozen(**changes: Any) -> dict[str, Any]:
    return {"name": "frozen", "base": {**BASE, **changes}}


def guides(tmp_path: Path, *attentions: Any, **changes: Any) -> StudyPlan:
    grid = {"encoder": "average", "attention": list(attentions)}
    return plan(tmp_path, {"grid": grid, "seeds": [1], **changes})


def names(runs: Any) -> list[str]:
    return [run.rpartition("-")[0] for run in runs]


def test_a_base_that_the_grid_lacks_is_trained_and_no_run_of_the_study(tmp_path: Path) -> None:
    found = guides(tmp_path, frozen())
    (guide,) = found.runs.values()
    assert names(found.trained) == ["reviews.bilstm.additive.none.s1", guide["run"].rpartition("-")[0]]
    assert guide["slug"]["attention"].startswith("frozen-") and len(guide["slug"]["attention"]) == len("frozen-") + 6
    files = [f"results/runs/{guide['base']['run']}/{name}" for name in ("spec.json", "model.safetensors")]
    assert found.base_files(SimpleNamespace(run=guide["run"])) == files
    assert found.base_files(SimpleNamespace(run=guide["base"]["run"])) == []


def test_a_base_is_the_run_that_the_grid_would_have(tmp_path: Path) -> None:
    (base,) = plan(tmp_path, {"grid": {"encoder": "bilstm", "attention": "additive"}, "seeds": [1]}).runs.values()
    (guide,) = guides(tmp_path, frozen()).runs.values()
    assert guide["base"] == base
    grid = [{"encoder": "bilstm", "attention": "additive"}, {"encoder": "average", "attention": frozen()}]
    both = plan(tmp_path, {"grid": grid, "seeds": [1]})
    assert len(both.runs) == 2 and list(both.trained) == list(both.runs)


def test_seeds_pair_up(tmp_path: Path) -> None:
    found = guides(tmp_path, frozen(), seeds=[1, 2]).runs.values()
    assert [(one["seed"], one["base"]["seed"]) for one in found] == [(1, 1), (2, 2)]


def test_axes_left_out_are_the_runs_own(tmp_path: Path) -> None:
    (guide,) = guides(tmp_path, {"name": "frozen", "base": {"attention": "dot"}}).runs.values()
    assert names([guide["base"]["run"]]) == ["reviews.average.dot.none.s1"]


def test_a_control_stands_on_the_same_control_unless_the_base_names_one(tmp_path: Path) -> None:
    controls = ["untrained", "shuffled-labels"]
    own = guides(tmp_path, frozen(), controls=controls).runs.values()
    assert [one["base"]["control"] for one in own] == ["none", *controls]
    named = guides(tmp_path, frozen(control="none"), controls=controls).runs.values()
    assert [one["base"]["control"] for one in named] == ["none"] * 3


@pytest.mark.parametrize(
    "changes", [{"training": {"epochs": 9}}, {"per_dataset": {"reviews": {"encoder": {"hidden": 8}}}}], ids=str
)
def test_what_changes_the_base_changes_the_run(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert set(guides(tmp_path, frozen()).runs).isdisjoint(guides(tmp_path, frozen(), **changes).runs)


def test_options_of_a_data_set_reach_the_base_and_may_be_those_of_the_base_alone(tmp_path: Path) -> None:
    changes = {"per_dataset": {"reviews": {"attention": {"hidden": 7}}}}
    (guide,) = guides(tmp_path, frozen(), **changes).runs.values()
    assert guide["base"]["attention"]["options"] == {"hidden": 7} and guide["attention"]["options"] == {}


def test_the_id_is_of_the_base_as_written_and_the_run_of_the_base_it_resolves_to(tmp_path: Path) -> None:
    """Two ways to write one base are two variants for people, and of one identity but for the id in the slug."""
    short, long = (
        next(iter(guides(tmp_path, attention).runs.values()))
        for attention in (frozen(), {"name": "frozen", "base": {"encoder": "bilstm", "attention": "additive"}})
    )
    assert short["slug"]["attention"] != long["slug"]["attention"]
    assert short["run"].rpartition("-")[2] == long["run"].rpartition("-")[2]


def test_defaults_written_out_are_the_same_base(tmp_path: Path) -> None:
    written = frozen(encoder={"name": "bilstm", "hidden": 128}, attention={"name": "additive", "normaliser": "softmax"})
    assert set(guides(tmp_path, frozen()).runs) == set(guides(tmp_path, written).runs)


def test_a_guide_of_an_adversary_stands_on_both(tmp_path: Path) -> None:
    adversary = {"name": "adversarial", "base": {"regulariser": "none"}}
    (guide,) = guides(tmp_path, frozen(regulariser=adversary)).runs.values()
    below = guide["base"]["base"]
    assert names([below["run"]]) == ["reviews.bilstm.additive.none.s1"] and below["base"] is None


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ({"encodr": "bilstm"}, ["unknown axis 'encodr'", "Did you mean 'encoder'?"]),
        ({"encoder": "bilsm"}, ["unknown encoder 'bilsm'", "Did you mean 'bilstm'?"]),
        ({"seed": 1}, ["unknown axis 'seed'", "Data set and seed are the run's own"]),
        ({"control": "untraind"}, ["unknown control 'untraind'", "Did you mean 'untrained'?"]),
        ({"encoder": {"name": "bilstm", "hiden": 3}}, ["no option 'hiden'", "Did you mean 'hidden'?"]),
        ({}, ["expected the axes in which the base differs"]),
        (None, ["stands on another run, which `base` names"]),
    ],
    ids=str,
)
def test_a_base_that_cannot_be_read_is_refused(tmp_path: Path, base: Any, said: list[str]) -> None:
    attention = {"name": "frozen"} if base is None else {"name": "frozen", "base": base}
    with pytest.raises(ConfigError) as error:
        guides(tmp_path, attention)
    assert all(words in str(error.value) for words in ["attention", *said])


def test_a_plugin_that_stands_on_nothing_takes_no_base(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'additive' stands on no other run"):
        guides(tmp_path, {"name": "additive", "base": BASE})


def test_a_cycle_is_refused_with_its_chain(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        guides(tmp_path, {"name": "frozen", "base": {"encoder": "bilstm"}})
    first, second, third = str(error.value).partition(": a run stands on itself: ")[2].split(" -> ")
    assert first.startswith("reviews.average.frozen-")
    assert second == third.partition(".none.s1. ")[0] + ".none.s1" and second.startswith("reviews.bilstm.frozen-")


def test_a_normaliser_of_imposed_weights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnexplain.registry.targets", with_another_normaliser)
    with pytest.raises(ConfigError, match="imposes the weights of its base"):
        guides(tmp_path, {**frozen(), "normaliser": "another"})


def with_another_normaliser(family: str) -> dict[str, str]:
    from attnexplain.registry import BUILT_IN

    named = {**BUILT_IN}[family] if family in BUILT_IN else {}
    return {**named, "another": BUILT_IN["normaliser"]["softmax"]} if family == "normaliser" else named


@pytest.mark.parametrize("attention", ["uniform", frozen()], ids=["uniform", "frozen"])
def test_an_adversary_whose_attention_cannot_move_is_refused(tmp_path: Path, attention: Any) -> None:
    grid = {"encoder": "bilstm", "attention": attention, "regulariser": {"name": "adversarial", "base": BASE}}
    with pytest.raises(ConfigError, match="'adversarial' does not go with attention"):
        plan(tmp_path, {"grid": grid})


def test_the_study_with_guides_plans_every_guide_on_its_base() -> None:
    files = [ROOT / "config/studies/wiegreffe_pinter_2019.yaml"]
    loaded = load_study(files, ROOT / "config/datasets.yaml", {"datasets": ["sst"], "seeds": [1]})
    found = StudyPlan(loaded, Sources(), None)
    assert set(found.trained) == set(found.runs)  # every base is in the grid
    depth = {len(bases(spec)) for spec in found.runs.values() if spec["encoder"]["name"] == "average"}
    assert depth == {0, 1, 2} and len(found.runs) == 11
