"""Records of jobs in scratch/status/: what a job leaves while it runs, when it ends well, and when it does not."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attnexplain.errors import DataError
from attnexplain.jobs.records import (
    FAILED,
    RUNNING,
    STOPPED,
    Record,
    _runs_in_slurm,
    read_record,
    record_path,
    recorded,
    running_outputs,
)

OUTPUT = Path("results/runs/a/spec.json")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_job_that_ends_well_leaves_nothing() -> None:
    with recorded("train", OUTPUT):
        record = read_record(OUTPUT)
        assert record and (record.stage, record.state, record.process) == ("train", RUNNING, os.getpid())
        assert record.is_alive
        assert running_outputs() == [str(OUTPUT)]
    assert read_record(OUTPUT) is None
    assert running_outputs() == []


@pytest.mark.parametrize(
    ("error", "private", "reason"),
    [
        (DataError("train.csv: line 3: no label"), True, "train.csv: line 3: no label"),
        (KeyError("word"), False, "KeyError: 'word'"),
        (KeyError("word"), True, "KeyError"),
        (MemoryError(), False, "MemoryError"),
    ],
)
def test_a_failure_leaves_its_reason_and_passes_through(error: Exception, private: bool, reason: str) -> None:
    with pytest.raises(type(error)), recorded("train", OUTPUT, private=private):
        raise error
    record = read_record(OUTPUT)
    assert record and (record.state, record.reason, record.is_alive) == (FAILED, reason, False)
    assert record.ended is not None and record.ended >= record.started


def test_sigterm_is_a_reason_and_ends_the_job() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, recorded("train", OUTPUT):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
    assert ended.value.code == 143
    record = read_record(OUTPUT)
    assert record and record.state == STOPPED and "SIGTERM" in record.reason
    assert signal.getsignal(signal.SIGTERM) is before


def test_of_a_killed_job_the_record_says_running_and_its_process_is_gone() -> None:
    program = "import os, signal\nfrom pathlib import Path\nfrom attnexplain.jobs.records import recorded\n"
    program += f"with recorded('train', Path('{OUTPUT}')):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    source = Path(__file__).parents[3] / "workflow" / "src"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(source)})
    record = read_record(OUTPUT)
    assert record and (record.state, record.is_alive) == (RUNNING, False)
    assert running_outputs() == []


def test_a_process_with_the_same_number_that_is_not_ours_is_not_the_job() -> None:
    with recorded("train", OUTPUT):
        path = record_path(OUTPUT)
        assert path
        path.write_text(json.dumps({**json.loads(path.read_text()), "process": 1}))  # the machine's first process
        record = read_record(OUTPUT)
        assert record and record.is_alive is False


def test_of_another_machine_nothing_can_be_seen_so_its_job_counts_as_running() -> None:
    with recorded("train", OUTPUT):
        path = record_path(OUTPUT)
        assert path
        path.write_text(json.dumps({**json.loads(path.read_text()), "host": "elsewhere", "process": 2**22}))
        record = read_record(OUTPUT)
        assert record and record.is_alive is None
        assert running_outputs() == [str(OUTPUT)]


@pytest.mark.parametrize(
    ("answer", "is_alive"),
    [
        ("echo '42|42|RUNNING'", True),
        ("echo '42|42|PENDING'", False),  # put back
        ("true", False),  # no line: the job is not in the queue
        ("echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1", False),
        ("echo 'Unable to contact slurm controller' >&2; exit 1", None),
    ],
)
def test_of_another_machine_slurm_is_asked(
    answer: str, is_alive: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    squeue = tmp_path / "bin" / "squeue"
    squeue.parent.mkdir()
    squeue.write_text(f"#!/bin/sh\n{answer}\n")
    squeue.chmod(0o755)
    monkeypatch.setenv("PATH", f"{squeue.parent}:/usr/bin:/bin")
    _runs_in_slurm.cache_clear()
    assert Record("train", RUNNING, 0.0, "elsewhere", 1, "1", "42").is_alive is is_alive


@pytest.mark.parametrize("output", ["/tmp/x.parquet", "../x.parquet"])
def test_an_output_outside_the_folder_is_no_job_of_the_workflow(output: str) -> None:
    with recorded("train", Path(output)):
        assert not Path("scratch").exists()
    assert read_record(output) is None


def test_a_folder_that_cannot_be_written_does_not_end_the_job() -> None:
    Path("scratch").write_text("a file in the place of the folder")
    with recorded("train", OUTPUT):
        pass
