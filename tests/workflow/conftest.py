"""The tiny study, run once per session; a test double of conda."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import conda_double
from workflow_project import Project, is_source


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The tiny study, run once; tests must leave it as they found it (fixture `project`)."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.run()
    return project


@pytest.fixture
def project(finished: Project) -> Iterator[Project]:
    """The finished study, whose sources and study file are put back after the test."""
    kept = {path: (path.read_bytes(), path.stat()) for path in finished.folder.rglob("*") if is_source(path)}
    yield finished
    for path in finished.folder.rglob("*"):
        if is_source(path) and path not in kept:
            path.unlink()
    for path, (content, status) in kept.items():
        path.write_bytes(content)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.fixture
def conda(tmp_path: Path) -> Path:
    """A folder with a test double of conda, to come first in PATH."""
    return conda_double.install(tmp_path / "conda")
