"""Tasks of a SLURM array: the plug-in's own packing, read back."""

import base64
import json
import os
import sys
import zlib
from dataclasses import fields

import pytest

from attnexplain.plan.array_tasks import OPTION, become_own_job, own_call

CALLS = {"2": "python -m snakemake --target-jobs 'measure:run=b'", "3": "python -m snakemake --target-jobs é"}
PACKED = {task: zlib.compress(call.encode(), level=9).hex() for task, call in CALLS.items()}
PAYLOAD = base64.b64encode(json.dumps(PACKED).encode()).decode()


@pytest.mark.parametrize("task", CALLS)
@pytest.mark.parametrize("payload", [PAYLOAD, f"'{PAYLOAD}'"], ids=["plain", "quoted"])
def test_a_task_finds_its_own_call(task: str, payload: str) -> None:
    assert own_call(payload, {"SLURM_ARRAY_TASK_ID": task, "SLURM_ARRAY_TASK_MIN": "1"}) == CALLS[task]


def test_the_first_task_stays_what_it_is() -> None:
    assert own_call(PAYLOAD, {"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_MIN": "1"}) is None
    assert own_call(PAYLOAD, {"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "2"}) is None


@pytest.mark.parametrize("payload", ["{}", "????", base64.b64encode(b"[1]").decode(), PAYLOAD[:40]])
def test_what_cannot_be_read_is_left_to_the_plugin(payload: str) -> None:
    assert own_call(payload, {"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "1"}) is None


def test_the_plugin_packs_as_these_tests_do() -> None:
    jobstep = pytest.importorskip("snakemake_executor_plugin_slurm_jobstep")
    assert jobstep._decompress_array_task_call(PAYLOAD, 3) == CALLS["3"]


@pytest.mark.parametrize("given", [[f"{OPTION}={PAYLOAD}"], [OPTION, PAYLOAD]], ids=["one", "two"])
def test_the_calls_are_read_of_the_command_line(given: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    monkeypatch.setattr(os, "execv", lambda *given: called.append(given))
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "2")
    monkeypatch.setenv("SLURM_ARRAY_TASK_MIN", "1")
    around = ["snakemake", "--target-jobs", "measure:run=a", "--executor", "slurm-jobstep"]
    monkeypatch.setattr(sys, "argv", around)
    become_own_job()
    assert called == []
    monkeypatch.setattr(sys, "argv", [*around, *given])
    become_own_job()
    assert called == [("/bin/sh", ["sh", "-c", CALLS["2"]])]


def test_the_plugin_has_that_option() -> None:
    """Snakemake makes it of the plug-in's name and the setting's."""
    jobstep = pytest.importorskip("snakemake_executor_plugin_slurm_jobstep")
    assert "array_execs" in {field.name for field in fields(jobstep.ExecutorSettings)}
    assert "--slurm-jobstep-" + "array_execs".replace("_", "-") == OPTION
