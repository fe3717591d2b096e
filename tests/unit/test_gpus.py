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
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM", "CUDA"))}
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


def test_one_gpu_is_one_jobs_too(tmp_path: Path) -> None:
    first = job(tmp_path, CUDA_VISIBLE_DEVICES="0")
    assert said(first) == "0"
    second = job(tmp_path, CUDA_VISIBLE_DEVICES="0")
    end(first)
    assert said(second) == "0"
    end(second)


def test_jobs_share_gpus_where_more_of_them_are_asked_for(tmp_path: Path) -> None:
    jobs = [job(tmp_path, CUDA_VISIBLE_DEVICES="0,1", ATTNEXPLAIN_JOBS_PER_GPU="2") for _ in range(4)]
    assert sorted(map(said, jobs)) == ["0", "0", "1", "1"]
    for one in jobs:
        end(one)


def test_each_gpu_has_one_job_before_any_has_two(tmp_path: Path) -> None:
    jobs = []
    for expected in ("0", "1", "0"):
        jobs.append(job(tmp_path, CUDA_VISIBLE_DEVICES="0,1", ATTNEXPLAIN_JOBS_PER_GPU="2"))
        assert said(jobs[-1]) == expected
    for one in jobs:
        end(one)


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({"CUDA_VISIBLE_DEVICES": ""}, ""),
        ({"SLURM_JOB_ID": "7", "SLURM_JOB_GPUS": "3", "CUDA_VISIBLE_DEVICES": "0"}, "0"),
        ({"SLURM_JOB_ID": "7", "CUDA_VISIBLE_DEVICES": "NoDevFiles"}, ""),
        ({"SLURM_JOB_ID": "7"}, ""),
    ],
    ids=["none", "one of SLURM", "none of SLURM, said", "none of SLURM"],
)
def test_no_lock_is_taken_where_there_is_no_choice(tmp_path: Path, given: dict[str, str], seen: str) -> None:
    only = job(tmp_path, **given)
    assert said(only) == seen
    end(only)
    assert list(tmp_path.iterdir()) == []


def test_jobs_inside_one_allocation_of_slurm_take_different_gpus(tmp_path: Path) -> None:
    """Indices may count from 0 in every allocation: those of another one are other GPUs."""
    here = {"SLURM_JOB_ID": "7", "SLURM_JOB_GPUS": "2,3", "CUDA_VISIBLE_DEVICES": "0,1"}
    jobs = [job(tmp_path, **given) for given in (here, here, {**here, "SLURM_JOB_ID": "8", "SLURM_JOB_GPUS": "4,5"})]
    assert sorted(map(said, jobs[:2])) == ["0", "1"]
    assert said(jobs[2]) == "0"
    for one in jobs:
        end(one)


def test_gpus_that_a_person_names_in_a_job_without_gpus_of_slurm_are_locked_for_all_jobs(tmp_path: Path) -> None:
    jobs = [job(tmp_path, SLURM_JOB_ID=number, CUDA_VISIBLE_DEVICES="0,1") for number in ("7", "8")]
    assert sorted(map(said, jobs)) == ["0", "1"]
    for one in jobs:
        end(one)


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ("0,1", ["0", "1"]),
        (" 2 ", ["2"]),
        ("", []),
        ("-1", []),
        ("1,-1,0", ["1"]),
        ("NoDevFiles", []),
        ("GPU-5c3f,MIG-88aa", ["GPU-5c3f", "MIG-88aa"]),
    ],
)
def test_the_environment_says_which_are_visible(listed: str, found: list[str]) -> None:
    assert gpus.visible({"CUDA_VISIBLE_DEVICES": listed}) == found


def test_devices_of_a_container_are_counted_from_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [Path("/dev") / name for name in ("nvidia2", "nvidia3", "nvidiactl", "nvidia-uvm")]
    monkeypatch.setattr(Path, "glob", lambda _, pattern: iter(there))
    assert gpus.visible({}) == ["0", "1"]
    assert gpus.visible({"SLURM_JOB_ID": "7"}) == []
    assert gpus.visible({"SLURM_JOB_ID": "7", "SLURM_GPUS_ON_NODE": "2"}) == ["0", "1"]
