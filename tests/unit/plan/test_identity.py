"""Identity: what moves a run id and what does not; ids of variants; the grid's union, exclusions and controls."""

from pathlib import Path
from typing import Any

import pytest

from attnexplain.config.load import load_study
from attnexplain.errors import ConfigError
from attnexplain.plan.study_plan import StudyPlan
from attnexplain.provenance import Sources
from studies import REGISTRY, plan, write_study

SEMANTIC: list[dict[str, Any]] = [
    {"limits": {"train": 10}},
    {"tokeniser": {"name": "word", "min_frequency": 2}},
    {"grid": {"encoder": {"name": "bilstm", "hidden": 8}, "attention": "dot"}},
    {"per_dataset": {"reviews": {"encoder": {"hidden": 8}}}},
    {"training": {"epochs": 9}},
    {"training": {"learning_rate": 0.01}},
    {"training": {"embedding_init_std": 1.0}},
    {"training": {"patience": 2}},
    {"seeds": [7]},
]
DISPLAY: list[dict[str, Any]] = [
    {"display": {"labels": {"bilstm": "BiLSTM"}, "colours": {"bilstm": "#112233"}}},
    {"resources": {"device": "cpu", "shard": 7, "tokens_per_batch": 64}},
    {"data_mirror": "/somewhere/else"},
    {"statistics": {"confidence": 0.9}},
    {"methods": ["attention", "random"]},
    {"study": "another"},
    {"disclose": ["reviews"]},
]
ONE: dict[str, Any] = {"grid": {"encoder": "bilstm", "attention": "dot"}, "seeds": [1]}


@pytest.mark.parametrize("changes", SEMANTIC, ids=str)
def test_what_changes_the_model_changes_the_run_id(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert set(plan(tmp_path, ONE).runs).isdisjoint(plan(tmp_path, {**ONE, **changes}).runs)


@pytest.mark.parametrize("changes", DISPLAY, ids=str)
def test_what_does_not_change_the_model_leaves_the_run_id(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert set(plan(tmp_path, ONE).runs) == set(plan(tmp_path, {**ONE, **changes}).runs)


def test_run_ids_do_not_change_between_versions(tmp_path: Path) -> None:
    """Golden: every cached result hangs on these ids. A change here is a change of identity; say so in CHANGELOG."""
    assert list(plan(tmp_path, ONE).runs) == ["reviews.bilstm.dot.none.s1-9ff7a915de"]


def test_a_task_other_than_classification_is_identity_and_the_default_is_left_out(tmp_path: Path) -> None:
    def run(**changes: Any) -> tuple[str, dict[str, Any]]:
        registry = {**REGISTRY, "reviews": {**REGISTRY["reviews"], **changes}}
        study, datasets = write_study(tmp_path, ONE, registry)
        ((name, spec),) = StudyPlan(load_study([study], datasets, {}), Sources(), None).runs.items()
        return name, spec["dataset"]

    (plain, spec), (written, _), (entailment, pairs) = (
        run(),
        run(task="classification"),
        run(task="entailment"),
    )
    assert plain == written != entailment
    assert "task" not in spec and pairs["task"] == "entailment"
    assert run(task="question-answering", classes=None)[1]["classes"] is None


def test_titles_licences_and_paths_are_no_part_of_a_run(tmp_path: Path) -> None:
    before = plan(tmp_path, ONE).runs
    registry = {**REGISTRY, "reviews": {**REGISTRY["reviews"], "title": "Other", "licence": "CC0"}}
    study, datasets = write_study(tmp_path, ONE, registry)
    assert StudyPlan(load_study([study], datasets, {}), Sources(), None).runs == before


def test_a_normaliser_follows_its_attention_in_the_slug_and_softmax_is_left_out(tmp_path: Path) -> None:
    names = ("softmax", "sparsemax", "entmax15")
    attention = [{"name": "dot", "normaliser": name} for name in names]
    runs = plan(tmp_path, {"grid": {"encoder": "bilstm", "attention": attention}, "seeds": [1]}).runs
    assert [name.split(".")[2] for name in runs] == ["dot", "dot+sparsemax", "dot+entmax15"]
    assert next(iter(runs)) in plan(tmp_path, ONE).runs


def test_an_encoder_in_both_directions_is_a_variant(tmp_path: Path) -> None:
    encoders = ["gru", {"name": "gru", "bidirectional": False}, {"name": "gru", "bidirectional": True}]
    runs = plan(tmp_path, {**ONE, "grid": {"encoder": encoders, "attention": "dot"}}).runs
    slugs = [name.split(".")[1] for name in runs]
    assert slugs[0] == "gru" and len(slugs) == 2
    assert slugs[1].startswith("gru-")


def test_a_variant_has_its_own_id_and_stands_in_the_slug(tmp_path: Path) -> None:
    grid = {"encoder": ["bilstm", {"name": "bilstm", "hidden": 8}], "attention": "dot"}
    slugs = [spec["slug"]["encoder"] for spec in plan(tmp_path, {"grid": grid, "seeds": [1]}).runs.values()]
    assert slugs[0] == "bilstm"
    assert slugs[1].startswith("bilstm-") and len(slugs[1]) == len("bilstm-") + 6


def test_default_options_written_out_are_the_same_run(tmp_path: Path) -> None:
    written = {"encoder": {"name": "bilstm", "hidden": 128}, "attention": {"name": "dot", "normaliser": "softmax"}}
    assert set(plan(tmp_path, ONE).runs) == set(plan(tmp_path, {**ONE, "grid": written}).runs)


def test_per_dataset_options_keep_the_name_of_the_variant(tmp_path: Path) -> None:
    (spec,) = plan(tmp_path, {**ONE, "per_dataset": {"reviews": {"encoder": {"hidden": 8}}}}).runs.values()
    assert (spec["slug"]["encoder"], spec["encoder"]["options"]["hidden"]) == ("bilstm", 8)


def test_controls_are_runs_of_their_own(tmp_path: Path) -> None:
    runs = plan(tmp_path, {**ONE, "controls": ["untrained", "shuffled-labels"]}).runs
    assert [run.rpartition("-")[0] for run in runs] == [
        "reviews.bilstm.dot.none.s1",
        "reviews.bilstm.dot.none.s1.untrained",
        "reviews.bilstm.dot.none.s1.shuffled-labels",
    ]


def test_the_union_of_blocks_is_planned_once(tmp_path: Path) -> None:
    blocks = [
        {"encoder": ["bilstm", "average"], "attention": "dot"},
        {"encoder": "bilstm", "attention": ["dot", "additive"], "seeds": [2]},
    ]
    runs = plan(tmp_path, {"grid": blocks, "seeds": [1, 2]}).runs
    points = {run.rpartition("-")[0] for run in runs}
    assert len(runs) == 5
    assert "reviews.bilstm.additive.none.s2" in points and "reviews.bilstm.additive.none.s1" not in points


def test_exclusions_match_every_axis_they_name(tmp_path: Path) -> None:
    runs = plan(tmp_path, {"exclude": [{"encoder": "bilstm", "attention": "dot"}], "seeds": [1]}).runs
    assert sorted(run.rpartition("-")[0] for run in runs) == [
        "reviews.average.additive.none.s1",
        "reviews.average.dot.none.s1",
        "reviews.bilstm.additive.none.s1",
    ]


def test_a_study_that_leaves_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="plans no run"):
        plan(tmp_path, {"exclude": [{"dataset": "reviews"}]})


def test_a_narrowed_study_lies_beside_the_full_one(tmp_path: Path) -> None:
    full, narrowed = plan(tmp_path), plan(tmp_path, config={"seeds": ["1"]})
    assert full.folder == "results/studies/demo"
    assert narrowed.folder.startswith("results/studies/demo+") and len(narrowed.name) == len("demo+") + 6
    assert set(narrowed.runs) < set(full.runs)
    assert plan(tmp_path, config={"resources": {"shard": 3}, "data_mirror": "x"}).folder == full.folder


def test_an_absent_data_set_is_a_missing_cell_and_blocks_nothing(tmp_path: Path) -> None:
    planned = plan(tmp_path, {**ONE, "datasets": ["private", "reviews"]})
    assert [spec["slug"]["dataset"] for spec in planned.runs.values()] == ["reviews"]
    (missing,) = planned.missing
    assert (missing["dataset"], missing["encoder"], missing["seed"]) == ("private", "bilstm", 1)
    assert "notes/train.csv" in missing["missing_reason"] and "data_mirror" in missing["missing_reason"]


def test_the_reason_of_a_missing_data_set_is_the_same_wherever_the_mirror_lies(tmp_path: Path) -> None:
    changes = {**ONE, "datasets": ["private", "reviews"]}
    settings = {
        plan(tmp_path, changes, mirror=mirror).tables_settings() for mirror in (None, tmp_path, tmp_path.parent)
    }
    assert len(settings) == 1


def test_the_mirror_that_holds_the_files_is_used_and_its_path_is_nowhere(tmp_path: Path) -> None:
    ids = []
    for name in ("here", "there"):
        file = tmp_path / name / "notes" / "train.csv"
        file.parent.mkdir(parents=True)
        file.write_text("text,label\n")
        planned = plan(tmp_path, {**ONE, "datasets": ["private"]}, mirror=tmp_path / name)
        ids.append((list(planned.runs), list(planned.dataset_folders)))
        folder = type("Wildcards", (), {"dataset": next(iter(planned.dataset_folders))})()
        assert planned.unregistered_files(folder) == []
        assert str(tmp_path) not in planned.dataset_spec(folder)
    assert ids[0] == ids[1]
