"""The Snakefile as users meet it: a plan by itself, refusals without tracebacks, narrowed studies."""

from pathlib import Path
from typing import Any

import pytest

from workflow_project import STUDY, Project

pytestmark = pytest.mark.workflow
# One refusal of each kind, of the study file and of its plan; unit/config and unit/plan know the others.
BAD: list[tuple[dict[str, Any], str]] = [
    (
        {"grid": {"encoder": "bilstn", "attention": "dot"}},
        "grid.encoder: unknown encoder 'bilstn'. Did you mean 'bilstm'?",
    ),
    ({"exclude": [{"control": "none"}]}, "plans no run"),
]


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_plain_snakemake_plans_the_default_study(fresh: Project) -> None:
    done = fresh.snakemake("--dry-run", study=())
    assert done.returncode == 0, done.stderr
    assert "Training planted-sentiment.bilstm.additive.none.s1-" in done.stdout + done.stderr


@pytest.mark.parametrize(("changes", "words"), BAD, ids=[words for _, words in BAD])
def test_a_bad_study_ends_with_its_message_alone(fresh: Project, changes: dict[str, Any], words: str) -> None:
    fresh.write({**STUDY, **changes})
    done = fresh.snakemake("--dry-run")
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert words in output
    assert 'File "' not in output and "Traceback" not in output
    # What Snakemake says of the profile, and one message of ours.
    (message,) = [line for line in output.splitlines() if not line.startswith("Using workflow specific profile")]
    assert message.startswith("Error: study")


def test_a_study_file_that_is_absent_is_named(fresh: Project) -> None:
    done = fresh.snakemake("--dry-run", "--configfile", "nowhere.yaml", study=())
    assert done.returncode != 0
    assert "nowhere.yaml" in done.stdout + done.stderr
    assert 'File "' not in done.stderr


def test_a_study_replaces_the_default_one(fresh: Project) -> None:
    done = fresh.snakemake("--dry-run")
    output = done.stdout + done.stderr
    assert "tiny-sentiment" in output and "planted-sentiment.bilstm" not in output


def test_numbers_of_the_command_line_are_numbers_and_a_narrowed_study_lies_beside(fresh: Project) -> None:
    given = ("seeds=[2]", "training={learning_rate: 1e-2, epochs: 3}", "limits={train: 20}")
    done = fresh.snakemake("--dry-run", "--config", *given)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    assert '"learning_rate":0.01' in output and '"epochs":3' in output and '"embedding_size":6' in output
    assert '"limits":{"dev":null,"test":null,"train":20}' in output
    assert "results/studies/tiny+" in output and "results/studies/tiny/" not in output
    assert ".s2-" in output and ".s1-" not in output


def test_the_workflow_can_be_started_from_its_own_snakefile(fresh: Project) -> None:
    done = fresh.snakemake("--dry-run", "--snakefile", "workflow/Snakefile")
    assert done.returncode == 0 and "Training tiny-sentiment" in done.stdout + done.stderr


def test_the_slurm_profile_plans(fresh: Project) -> None:
    pytest.importorskip("snakemake_executor_plugin_slurm")
    done = fresh.snakemake("--dry-run", "--workflow-profile", "workflow/profiles/slurm")
    assert done.returncode == 0, done.stderr
