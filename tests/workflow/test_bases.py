"""Runs that stand on runs, on the real DAG: what is planned, in which order, and what a change of the base reruns."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workflow_project import STUDY, Project, jobs

pytestmark = pytest.mark.workflow
DATA = ["tiny-sentiment"]
BASE = {"encoder": {"name": "bilstm", "hidden": 4}, "attention": "additive", "regulariser": "none"}
BASED: dict[str, Any] = {
    **STUDY,
    "datasets": STUDY["datasets"][:1],
    "grid": {"encoder": {"name": "average", "hidden": 4}, "attention": ["additive", {"name": "frozen", "base": BASE}]},
    "methods": ["attention", "leave-one-out"],
}
LSTM, MLP, GUIDE = (
    f"tiny-sentiment.{model}.none.s1" for model in ("bilstm.additive", "average.additive", "average.frozen")
)
METHODS = BASED["methods"]
SOURCES = ("models/encoders/bilstm.py", "models/encoders/average.py", "models/attention/frozen.py")
DIGEST = re.compile(r"-[0-9a-f]{6,10}\b")
END = jobs.summaries(DATA) | jobs.tables()


@pytest.fixture(scope="module")
def finished_with_base(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The guide and its control; the base is not in the grid."""
    project = Project(tmp_path_factory.mktemp("based"), BASED, "tables")
    project.run()
    return project


@pytest.fixture
def based(finished_with_base: Project) -> Iterator[Project]:
    """The finished study, whose sources and study file are put back after the test."""
    kept = {name: finished_with_base.source(name).read_text(encoding="utf-8") for name in SOURCES}
    yield finished_with_base
    for name, text in kept.items():
        finished_with_base.source(name).write_text(text, encoding="utf-8")
    finished_with_base.write(BASED)


def edit(project: Project, name: str) -> None:
    path = project.source(name)
    path.write_text(path.read_text(encoding="utf-8") + "\nEDITED = True\n", encoding="utf-8")


def folder(project: Project, run: str) -> Path:
    """The folder of a run, named without its digests."""
    found = [path for path in (project.folder / "results" / "runs").iterdir() if DIGEST.sub("", path.name) == run]
    assert len(found) == 1, found
    return found[0]


def after(runs: list[str]) -> set[str]:
    """Explaining and measuring runs, and all that follows."""
    return jobs.explain(runs, METHODS) | jobs.measure(runs) | END


def test_a_base_that_the_grid_lacks_is_trained_and_is_in_no_table(based: Project) -> None:
    results = based.folder / "results"
    base = folder(based, LSTM)
    assert (base / "model.safetensors").is_file()
    assert not (base / "attributions").exists() and not (base / "experiments").exists()
    table = pd.read_parquet(results / "studies/tiny/tables/runs.parquet")
    assert set(table["encoder"].str.split("-").str[0]) == {"average"}
    assert based.planned() == set()


def test_the_guides_attention_is_the_bases_bit_for_bit_and_its_accuracy_is_reported(based: Project) -> None:
    grid = {"encoder": BASE["encoder"], "attention": "additive"}
    based.write({**BASED, "grid": [BASED["grid"], grid]})
    based.run("--until", "attribute")
    weights = [
        pd.read_parquet(folder(based, run) / "attributions" / "attention.parquet")["scores"].map(bytes)
        for run in (LSTM, GUIDE)
    ]
    assert weights[0].equals(weights[1])
    rows = pd.read_parquet(based.folder / "results/studies/tiny/tables/statistics.parquet")
    guide = rows[rows["attention"].str.startswith("frozen-") & (rows["metric"] == "accuracy")]
    assert guide["mean"].between(0, 1).all() and len(guide) == 1


def test_an_edited_encoder_of_the_base_reruns_the_base_and_what_stands_on_it(based: Project) -> None:
    edit(based, "models/encoders/bilstm.py")
    assert based.planned() == jobs.train([LSTM, GUIDE]) | after([GUIDE])


def test_other_options_of_the_base_train_another_base_and_another_guide(based: Project) -> None:
    other = {**BASE, "encoder": {"name": "bilstm", "hidden": 5}}
    frozen = {"name": "frozen", "base": other}
    based.write({**BASED, "grid": {**BASED["grid"], "attention": ["additive", frozen]}})
    assert based.planned() == jobs.train([LSTM, GUIDE]) | after([GUIDE])


def test_what_the_base_is_not_made_of_leaves_it_alone(based: Project) -> None:
    edit(based, "models/encoders/average.py")
    assert based.planned() == jobs.train([MLP, GUIDE]) | after([MLP, GUIDE])


def test_edited_frozen_attention_reruns_the_guide_alone(based: Project) -> None:
    edit(based, "models/attention/frozen.py")
    assert based.planned() == jobs.train([GUIDE]) | after([GUIDE])
