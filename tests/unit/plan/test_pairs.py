"""What the plan knows of pairs: where their classes come from, and the published options of their training."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from attnexplain.config.load import load_study
from attnexplain.plan.study_plan import StudyPlan
from attnexplain.provenance import Sources
from studies import REGISTRY, write_study

QUESTIONS: dict[str, Any] = {
    "title": "Questions",
    "task": "question-answering",
    "sources": {"synthetic": {"reader": "generated-babi"}},
}


def planned(tmp_path: Path, name: str, **changes: Any) -> StudyPlan:
    study = {"datasets": [name, "reviews"], "grid": {"encoder": "bilstm", "attention": "dot"}, "seeds": [1], **changes}
    path, registry = write_study(tmp_path, study, {**REGISTRY, name: QUESTIONS})
    return StudyPlan(load_study([path], registry, {}), Sources(), None)


def test_classes_left_to_the_data_are_an_input_of_their_runs_alone(tmp_path: Path) -> None:
    found = planned(tmp_path, "questions")
    inputs = {spec["slug"]["dataset"]: found.class_list(SimpleNamespace(run=run)) for run, spec in found.runs.items()}
    (statistics,) = inputs["questions"]
    assert statistics.startswith("resources/tokens/questions-") and statistics.endswith("/statistics.json")
    assert statistics in found.tokens_statistics()
    assert inputs["reviews"] == []


def test_the_protocol_trains_questions_as_published(tmp_path: Path) -> None:
    found = planned(tmp_path, "babi-1", protocol="jain_wallace_2019")
    specs = {spec["slug"]["dataset"]: spec for spec in found.runs.values()}
    training = specs["babi-1"]["training"]
    assert (training["epochs"], training["batch_size"], training["embedding_size"]) == (100, 50, 50)
    assert (training["selection"], training["class_weights"]) == ("accuracy", "none")
    assert specs["babi-1"]["encoder"]["options"] == {"hidden": 32}
    assert (specs["reviews"]["training"]["epochs"], specs["reviews"]["encoder"]["options"]) == (8, {"hidden": 128})
