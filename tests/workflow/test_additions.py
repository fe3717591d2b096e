"""What is added to a finished study runs what is new, and leaves the study that it would have been at once."""

import shutil
from pathlib import Path

import pytest

from additions import BEFORE, NEW, add, kept
from workflow_project import Project, results

pytestmark = pytest.mark.workflow


def test_a_study_that_grew_is_the_study_made_at_once(tmp_path: Path) -> None:
    """A seed, a data set, a regulariser and a method: exactly the new jobs, and nothing that was there is touched."""
    grown = Project(tmp_path / "grown", BEFORE, "tables")
    grown.run()
    before, study = kept(grown), add(grown)
    assert grown.planned(study=study) == NEW
    grown.run(study=study)
    assert {path: found for path, found in kept(grown).items() if path in before} == before
    assert grown.planned(study=study) == set()
    at_once = Project(tmp_path / "at_once", BEFORE, "tables")
    shutil.copytree(grown.folder / "resources", at_once.folder / "resources")
    at_once.run(study=add(at_once))
    assert results(at_once) == results(grown)
