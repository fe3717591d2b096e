"""The tiny study, run once per session; a test double of conda."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from workflow_project import Project, is_source

# Conda is asked one thing when a plan is made; no environment is built.
CONDA = """#!/bin/sh
echo '{"conda_version": "25.1.0", "conda_prefix": "/opt/conda", "root_prefix": "/opt/conda", "sys_version": "3.11"}'
"""


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
    """A folder with a test double of conda that answers `conda info --json` alone."""
    program = tmp_path / "conda"
    program.write_text(CONDA)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return tmp_path
