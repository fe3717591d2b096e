"""A SLURM node for the session, and the study of these tests as an undisturbed local run makes it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from slurm_node import Node, missing_programs
from slurm_study import SLURM_STUDY, Submission
from workflow_project import Project


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """One node with four cores and two declared GPUs."""
    with at_work() as found:
        yield found


@pytest.fixture
def small_node() -> Iterator[Node]:
    """As small as a person's first: two cores, and one declared GPU that is none."""
    with at_work(cpus=2, memory=8_000, gpus=["/dev/null"]) as found:
        yield found


@contextmanager
def at_work(**size: Any) -> Iterator[Node]:
    if missing := missing_programs():
        pytest.skip(f"SLURM is not installed ({', '.join(missing)}): apt-get install slurm-wlm munge")
    # A short path: that of a socket has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
    found = Node(folder, **size)
    try:
        found.start()
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The study, its model trained locally; `run` takes it further."""
    project = Project(tmp_path_factory.mktemp("undisturbed"))
    project.write(SLURM_STUDY)
    project.run("models")
    return project


@pytest.fixture
def project(undisturbed: Project, tmp_path: Path) -> Project:
    """The study before its first training: the data are read, and nothing else is there."""
    fresh = Project(tmp_path)
    fresh.write(SLURM_STUDY)
    shutil.copytree(undisturbed.folder / "resources", fresh.folder / "resources")
    return fresh


@pytest.fixture
def submit() -> Iterator[Callable[..., Submission]]:
    """Begins submissions; neither they nor their jobs outlive the test."""
    begun: list[Submission] = []

    def begin(*given: Any, **options: Any) -> Submission:
        begun.append(Submission(*given, **options))
        return begun[-1]

    yield begin
    for one in begun:
        one.kill()
        if left := [job.identifier for job in one.node.active() if job.folder == str(one.project.folder)]:
            one.node.call("scancel", *left)
        end_orphans(one.project.folder)


def end_orphans(folder: Path) -> None:
    """A Snakemake within a job may hang in the signal that cancelled it, and without cgroups SLURM does not see it."""
    for process in psutil.process_iter(["cmdline"]):
        if f"{folder}/Snakefile" in (process.info["cmdline"] or []):
            process.kill()
