"""GPUs of one machine: which there are, and that no two jobs take the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from attnexplain import gpus

# A job: takes a GPU, says which, and holds it until its input ends.
JOB = "import os, sys; from attnexplain import gpus; gpus.take_one(os.environ);" + (
    "print(os.environ['CUDA_VISIBLE_DEVICES'], flush=True); sys.stdin.read()"
)


def job(folder: Path, **environment: str) -> "subprocess.Popen[str]":
    source = str(Path(gpus.__file__).parents[1])
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SLURM")}
    given = {**kept, "PYTHONPATH": source, "TMPDIR": str(folder), **environment}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", JOB], env=given, stdin=pipe, stdout=pipe, text=True)


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def end(process: "subprocess.Popen[str]") -> None:
    process.communicate(timeout=60)


@pytest.mark.parametrize("devices", ["0,1", "3, 1", "GPU-5c3f,GPU-88aa"])
def test_jobs_take_different_gpus_and_the_next_waits_for_one(tmp_path: Path, devices: str) -> None:
    names = [name.strip() for name in devices.split(",")]
    first = job(tmp_path, CUDA_VISIBLE_DEVICES=devices)
    assert said(first) == names[0]
    second = job(tmp_path, CUDA_VISIBLE_DEVICES=devices)
    assert said(second) == names[1]
    third = job(tmp_path, CUDA_VISIBLE_DEVICES=devices)
    end(second)
    assert said(third) == names[1]
    end(first)
    end(third)


def test_a_killed_job_gives_its_gpu_back(tmp_path: Path) -> None:
    first = job(tmp_path, CUDA_VISIBLE_DEVICES="0,1")
    assert said(first) == "0"
    first.kill()
    end(first)
    second = job(tmp_path, CUDA_VISIBLE_DEVICES="0,1")
    assert said(second) == "0"
    end(second)


@pytest.mark.parametrize(("devices", "more"), [("0", {}), ("", {}), ("0,1", {"SLURM_JOB_ID": "7"})])
def test_nothing_is_taken_where_there_is_no_choice(tmp_path: Path, devices: str, more: dict[str, str]) -> None:
    only = job(tmp_path, CUDA_VISIBLE_DEVICES=devices, **more)
    assert said(only) == devices
    end(only)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("listed", "found"), [("0,1", ["0", "1"]), (" 2 ", ["2"]), ("", []), ("-1", [])])
def test_the_environment_says_which_are_visible(monkeypatch: pytest.MonkeyPatch, listed: str, found: list[str]) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", listed)
    assert gpus.visible() == found
