"""Conda environments and other folders: every job finds what it needs, and no change of either makes a job run again.

Conda is a double (conda_double.py), whose environments hold what their files name; no channel is asked.
"""

import os
import re
import shutil
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import pytest

from workflow_project import STUDY, Project

pytestmark = pytest.mark.workflow
# One job of every rule that the tiny study has, in the environment of the rule.
SMALL = {
    **STUDY,
    "datasets": STUDY["datasets"][:1],
    "grid": {"encoder": {"name": "average", "hidden": 4}, "attention": "additive"},
    "methods": ["attention"],
    "metrics": ["evidence-auprc"],
}
TARGETS = ("results/studies/tiny/tables/wide.csv", "results/studies/tiny/figures/accuracy-by-run.svg")
CREATED = re.compile(r"Conda environment envs/(\S+)\.yaml will be created")


@pytest.mark.parametrize(("device", "build"), [("auto", "torch"), ("cpu", "torch-cpu"), ("cuda", "torch-gpu")])
def test_neither_conda_nor_another_build_of_pytorch_runs_anything(
    project: Project, conda: Path, device: str, build: str
) -> None:
    project.write({**STUDY, "resources": {"device": device}})
    done = project.snakemake("--dry-run", "--use-conda", path=conda)
    assert done.returncode == 0, done.stderr
    assert set(CREATED.findall(done.stdout + done.stderr)) == {"data", build, "statistics"}
    assert "Nothing to be done" in done.stdout + done.stderr


def test_a_study_runs_in_its_environments_and_is_finished_without_them(tmp_path: Path, conda: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    project = Project(folder)
    project.write(SMALL)
    project.run(*TARGETS, "--use-conda", path=conda)
    assert sorted(path.name for path in folder.glob(".snakemake/conda/*/packages/torch")) == ["torch"]
    assert project.planned(*TARGETS) == set()


@pytest.fixture
def moved(finished: Project, tmp_path: Path) -> Iterator[Project]:
    """The finished study in another folder, moved back after the test."""
    project = copy(finished)
    project.folder = finished.folder.rename(tmp_path / "elsewhere")
    yield project
    project.folder.rename(finished.folder)


@pytest.fixture
def cloned(finished: Project, tmp_path: Path) -> Project:
    """A new clone of the sources, to which results and data were copied, and nothing of what Snakemake remembers."""
    folder = tmp_path / "clone"
    folder.mkdir()
    project = Project(folder)
    for source in folder.rglob("*"):
        source.touch()
    for name in ("results", "resources"):
        shutil.copytree(finished.folder / name, folder / name)
    return project


def test_a_moved_folder_runs_nothing(moved: Project) -> None:
    assert moved.planned() == set()


def test_a_copied_folder_runs_nothing_and_still_sees_changes(finished: Project, tmp_path: Path) -> None:
    project = finished.twin(tmp_path / "copy")
    assert project.planned() == set()
    with project.source("figures/accuracy_by_run.py").open("a", encoding="utf-8") as file:
        file.write("\nEDITED = True\n")
    assert project.planned() == {"Drawing accuracy-by-run", "Report of the study"}


def test_a_clone_with_copied_results_runs_nothing(cloned: Project) -> None:
    assert cloned.planned() == set()


def test_a_clone_whose_files_lost_their_times_runs_nothing_once_they_are_touched(cloned: Project) -> None:
    for time, name in enumerate(("results", "resources"), start=1):  # models older than what they were trained on
        for path in (cloned.folder / name).rglob("*"):
            os.utime(path, (time, time))
    assert cloned.planned() != set()
    done = cloned.snakemake("--touch", "--cores", "1")
    assert done.returncode == 0, done.stderr
    assert cloned.planned() == set()


def test_what_was_made_outside_a_container_is_finished_inside_it(cloned: Project, tmp_path: Path) -> None:
    """The container starts the workflow of one folder, which it cannot write to, in another."""
    inside = copy(cloned)
    inside.folder = tmp_path / "study"
    inside.folder.mkdir()
    for name in ("results", "resources", "study.yaml"):
        shutil.move(cloned.folder / name, inside.folder / name)
    assert inside.planned("--snakefile", str(cloned.folder / "Snakefile")) == set()
    assert not (cloned.folder / ".snakemake").exists()
