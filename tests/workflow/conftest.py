"""The tiny study, run once per session; a test double of conda."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import conda_double
from workflow_project import Project, is_source


def finished_once(folder: Path) -> Path:
    """The tiny study, finished, below `folder`: the first of several processes runs it, the others wait for it."""
    done = folder / "finished"
    with (folder / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            running = folder / f"running-{os.getpid()}"
            Project(running).run()
            running.rename(done)
    return done


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The tiny study, run once for all workers, and copied: tests must leave it as they found it (`project`)."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = own / "project"
    shutil.copytree(finished_once(shared), folder, symlinks=True)
    return Project(folder)


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
