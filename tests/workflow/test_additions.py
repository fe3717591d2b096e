"""What is added to a finished study runs what is new. Tests on SLURM compare it with the study made at once."""

from pathlib import Path

import pytest

from additions import BEFORE, NEW, add, kept
from workflow_project import Project

pytestmark = pytest.mark.workflow


def test_what_is_added_to_a_finished_study_is_all_that_runs(tmp_path: Path) -> None:
    """A seed, a data set, a regulariser and a method: exactly the new jobs, and nothing that was there is touched."""
    grown = Project(tmp_path / "grown", BEFORE, "tables")
    grown.run()
    before, study = kept(grown), add(grown)
    assert grown.planned(study=study) == NEW
    grown.run(study=study)
    assert {path: found for path, found in kept(grown).items() if path in before} == before
    assert grown.planned(study=study) == set()
