"""States of jobs: by their files, records and Snakemake's own markers."""

import json
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import pyarrow as pa
import pytest

from attnexplain.errors import DataError
from attnexplain.jobs.job import Job
from attnexplain.jobs.records import record_path, recorded
from attnexplain.jobs.snakemake_files import incomplete_outputs, is_locked, snakemake_processes
from attnexplain.jobs.states import DONE, FAILED, KILLED, MISSING, OUTDATED, QUEUED, State, states
from attnexplain.tables.io import TableSchema, write_table

TRAIN = Job("train", "a", ("runs/a/spec.json", "runs/a/model"), "logs/train/a.log", "", code="new")
MEASURE = Job("measure", "a", ("measures/a.parquet",), "logs/measure/a.log", "", needs=(TRAIN.name,))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(job: Job, at: int) -> None:
    for output in job.outputs:
        path = Path(output)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        os.utime(path, (at, at))


def mark(output: str, longest: int = 200, submitted: str = "") -> None:
    encoded = urlsafe_b64encode(output.encode()).decode()
    parts = [encoded[place : place + longest] for place in range(0, len(encoded), longest)]
    path = Path(".snakemake/incomplete").joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"external_jobid": submitted or None}))


def slurm(folder: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """A `squeue` that says so."""
    program = folder / "bin" / "squeue"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def found() -> tuple[State, State]:
    both = states([MEASURE, TRAIN])
    return both[TRAIN.name], both[MEASURE.name]


def test_without_files_a_job_is_missing_and_with_some_of_them_too() -> None:
    assert [one.state for one in found()] == [MISSING, MISSING]
    Path("runs/a").mkdir(parents=True)
    Path(TRAIN.outputs[0]).write_text("x")
    assert found()[0].state == MISSING


def test_with_its_files_a_job_is_done_and_what_is_older_than_its_inputs_is_outdated() -> None:
    write(TRAIN, at=100)
    write(MEASURE, at=200)
    assert [one.state for one in found()] == [DONE, DONE]
    write(TRAIN, at=300)
    _, measure = found()
    assert (measure.state, measure.reason) == (OUTDATED, "train a, which it reads, is newer")


def test_what_is_made_of_something_that_is_made_anew_is_outdated() -> None:
    write(MEASURE, at=200)
    with recorded("train", Path(TRAIN.name)):
        assert [one.state for one in found()] == ["running", OUTDATED]


def test_a_table_of_other_code_is_outdated() -> None:
    schema = TableSchema("thing", 1, pa.schema([pa.field("x", pa.int64())]))
    job = Job("measure", "a", ("measures/a.parquet",), "", "", code="new")
    for code, state in (("old", OUTDATED), ("new", DONE)):
        write_table(Path(job.name), pa.table({"x": [1]}), schema, {"code": code})
        assert states([job])[job.name].state == state


def test_a_marker_of_snakemake_makes_files_that_are_there_no_finished_ones() -> None:
    write(TRAIN, at=100)
    mark(TRAIN.outputs[1])
    assert found()[0].state == KILLED
    Path(".snakemake/locks").mkdir()
    Path(".snakemake/locks/0.output.lock").write_text("")
    assert found()[0].state == QUEUED


def test_a_failure_has_its_reason_and_a_killed_job_where_it_ran() -> None:
    with pytest.raises(DataError), recorded("train", Path(TRAIN.name)):
        raise DataError("no such file")
    train, _ = found()
    assert (train.state, train.reason) == (FAILED, "no such file")
    path = record_path(Path(TRAIN.name))
    assert path
    raw = {**json.loads(path.read_text()), "state": "running", "process": 2**22 + 1}
    path.write_text(json.dumps(raw))
    train, _ = found()
    assert train.state == KILLED and f"process {2**22 + 1}" in train.reason


@pytest.mark.parametrize("said", [False, True], ids=["said nothing", "was told to stop"])
@pytest.mark.parametrize(
    ("answer", "states"),
    [
        ("echo '6|6|RUNNING'; echo '7_2|9|PENDING'", {False: QUEUED, True: QUEUED}),  # submitted, or put back
        ("echo '6|6|RUNNING'", {False: KILLED, True: FAILED}),
        ("true", {False: KILLED, True: FAILED}),
        ("exit 1", {False: QUEUED, True: FAILED}),  # no answer: what Snakemake's lock says
    ],
    ids=["in the queue", "gone", "an empty queue", "no answer"],
)
def test_of_what_was_submitted_slurm_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, states: dict[bool, str], said: bool
) -> None:
    slurm(tmp_path, monkeypatch, answer)
    mark(TRAIN.outputs[0], submitted="7_2")
    Path(".snakemake/locks").mkdir()
    Path(".snakemake/locks/0.output.lock").write_text("")
    if said:
        with pytest.raises(SystemExit), recorded("train", Path(TRAIN.name)):
            raise SystemExit(143)
    train, _ = found()
    assert train.state == states[said]
    if train.state == KILLED:
        assert train.reason == "SLURM job 7_2 is gone and said nothing"


def test_a_job_that_was_ended_and_put_back_waits_without_a_marker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slurm(tmp_path, monkeypatch, "echo '7_2|9|PENDING'")
    for number, state in (("8", FAILED), ("9", QUEUED)):
        monkeypatch.setenv("SLURM_JOB_ID", number)
        with pytest.raises(SystemExit), recorded("train", Path(TRAIN.name)):
            raise SystemExit(143)
        assert found()[0].state == state


def test_a_job_whose_files_are_there_waits_for_snakemake_to_see_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slurm(tmp_path, monkeypatch, "true")
    write(TRAIN, at=100)
    mark(TRAIN.outputs[0], submitted="7")
    Path(".snakemake/locks").mkdir()
    Path(".snakemake/locks/0.output.lock").write_text("")
    assert found()[0].state == QUEUED


def test_a_job_goes_through_json_unchanged() -> None:
    assert Job.from_json(json.loads(json.dumps(MEASURE.as_json()))) == MEASURE


class TestSnakemake:
    def test_markers_are_read_as_snakemake_writes_them(self) -> None:
        file = pytest.importorskip("snakemake.persistence.file")
        long = f"results/runs/{'x' * 400}/spec.json"
        Path(".snakemake/incomplete").mkdir(parents=True)
        path = Path(file.FilePersistence._record_path(_FilePersistence(), ".snakemake/incomplete", long))
        path.parent.mkdir(parents=True)
        path.write_text("{}")
        assert len(path.parts) > 3
        assert set(incomplete_outputs()) == {long}

    def test_nothing_is_at_work_in_an_empty_folder(self) -> None:
        assert snakemake_processes() == []
        assert not is_locked()

    @pytest.mark.parametrize(
        ("arguments", "elsewhere", "counts"),
        [(["--cores", "2"], False, True), (["--mode", "remote"], False, False), (["--cores", "2"], True, False)],
    )
    def test_a_process_counts_where_it_schedules_jobs_in_this_folder(
        self, tmp_path: Path, arguments: list[str], elsewhere: bool, counts: bool
    ) -> None:
        program = tmp_path / "bin" / "snakemake"
        program.parent.mkdir()
        program.write_text("import sys; print('begun', flush=True); sys.stdin.read()")
        command = [sys.executable, str(program), *arguments]
        where = program.parent if elsewhere else tmp_path
        with subprocess.Popen(command, cwd=where, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout and process.stdout.readline() == b"begun\n"
            assert snakemake_processes() == ([process.pid] if counts else [])


class _FilePersistence:
    """What `_record_path` asks of its object."""

    def _fetch_max_len(self, subject: str) -> int:
        return 255
