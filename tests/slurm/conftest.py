"""A SLURM node for the session, and the study of these tests as an undisturbed local run makes it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from slurm_node import Node, missing_programs, running_daemons
from slurm_study import SLURM_STUDY
from workflow_project import Project


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """One node with four cores and two declared GPUs."""
    if missing := missing_programs():
        pytest.skip(f"SLURM is not installed ({', '.join(missing)}): apt-get install slurm-wlm munge")
    if running := running_daemons():
        pytest.fail(
            f"these tests start a SLURM of their own beside none: {', '.join(running)} runs here; stop it first"
        )
    # A short path: that of a socket has at most 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
    found = Node(folder)
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
