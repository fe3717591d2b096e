"""What the SLURM profile asks sbatch for, by the plug-in itself; sbatch is a double that notes the call and refuses."""

import re
import shutil
from pathlib import Path

import pytest

from workflow_project import STUDY, Project

pytest.importorskip("snakemake_executor_plugin_slurm")
pytestmark = pytest.mark.workflow
SBATCH = """#!/bin/sh
printf '%s\\n' "$*" >> "{calls}"
exit 1
"""
# Settings that the profile has as comments.
WANTED = ("gpu_model: a100", "slurm_partition: your-gpu-partition", "slurm_partition: your-partition")


def test_models_of_gpus_and_partitions_reach_slurm(finished: Project, tmp_path: Path) -> None:
    project = finished.twin(tmp_path / "project")
    project.write({**STUDY, "seeds": [1, 2]})
    for made in (project.folder / "results").glob("runs/*/attributions"):
        shutil.rmtree(made)
    shutil.rmtree(project.folder / "results" / "studies")
    profile = project.folder / "workflow" / "profiles" / "slurm" / "profile.yaml"
    text = profile.read_text(encoding="utf-8")
    for setting in WANTED:
        assert text.count(f"# {setting}\n") == 1
        text = text.replace(f"# {setting}\n", f"{setting}\n")
    profile.write_text(text, encoding="utf-8")
    calls = tmp_path / "calls"
    (tmp_path / "sbatch").write_text(SBATCH.format(calls=calls), encoding="utf-8")
    (tmp_path / "sbatch").chmod(0o755)
    # Three at once of the eight attributions that are ready: the plug-in would never come back to the others.
    until = ("--until", "train", "attribute", "--retries", "0", "--jobs", "3")
    project.snakemake("--workflow-profile", "workflow/profiles/slurm", *until, path=tmp_path)
    asked = calls.read_text(encoding="utf-8").splitlines()
    trainings = [call for call in asked if "--comment rule_train_" in call]
    attributions = [call for call in asked if "--comment rule_attribute" in call]
    assert len(trainings) == 4
    for call in trainings:
        assert re.search(r" -p '?your-gpu-partition'? ", call) and " --gpus=a100:1 " in call
        assert " -t 240 " in call and " --mem 4000 " in call and " --requeue" in call
    for call in attributions:
        assert re.search(r" -p '?your-partition'? ", call) and " --gpus=1 " in call
    tasks = [int(found.group(1)) if (found := re.search(r" --array=1-(\d+) ", call)) else 1 for call in attributions]
    assert sum(tasks) == 8 and 1 < max(tasks) <= 3
