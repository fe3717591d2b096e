"""How each job of a study stands, by its files, its record and Snakemake's own markers; nothing is run or changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as pq

from attnexplain.jobs.job import Job
from attnexplain.jobs.queue import in_queue
from attnexplain.jobs.records import RUNNING, Record, read_record
from attnexplain.jobs.snakemake_files import incomplete_outputs, is_locked, snakemake_processes, submitted_as
from attnexplain.tables.io import read_metadata

DONE, OUTDATED, QUEUED, FAILED, KILLED, MISSING = "done", "outdated", "queued", "failed", "killed", "missing"
# In the order that people want them in.
MEANINGS = {
    DONE: "its files are there, whole, and newer than what they are made of",
    RUNNING: "a process works on it, here or on another machine",
    QUEUED: "it waits in the queue of a scheduler, or is about to begin",
    FAILED: "ended with an error, or was told to stop",
    KILLED: "its process is gone without a word: out of memory, a time limit, a lost machine",
    OUTDATED: "its files are there, made by other code or older than what they are made of",
    MISSING: "not begun",
}


@dataclass(frozen=True)
class State:
    """How a job stands, and why where it is not done."""

    job: Job
    state: str
    reason: str = ""
    record: Record | None = None


def states(jobs: Iterable[Job]) -> dict[str, State]:
    """State of each job by its name, in the order of `jobs`; what a job needs may stand after it."""
    found = _Reader({job.name: job for job in jobs})
    return {name: found.state(name) for name in found.jobs}


class _Reader:
    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self.jobs = jobs
        self._incomplete, self._at_work = incomplete_outputs(), is_locked() or bool(snakemake_processes())
        self._known: dict[str, State] = {}

    @cached_property
    def _queue(self) -> Mapping[str, str] | None:
        return in_queue()

    def _is_queued(self, number: str) -> bool:
        return bool(number and self._queue and number in self._queue)

    def state(self, name: str) -> State:
        if name not in self._known:
            self._known[name] = self._look(self.jobs[name])
        return self._known[name]

    def _look(self, job: Job) -> State:
        record = read_record(job.name)
        if record and record.is_alive is not False:
            return State(job, RUNNING, "", record)
        marker = next((self._incomplete[output] for output in job.outputs if output in self._incomplete), None)
        whole = all(Path(output).is_file() for output in job.outputs)
        if whole and not marker:
            reason = self._outdated(job)
            return State(job, OUTDATED if reason else DONE, reason)
        submitted = submitted_as(marker) if marker else ""
        # Of a job that was ended and put back there may be no marker: it is taken away at the end.
        if self._is_queued(submitted) or (record and self._is_queued(record.cluster_job)):
            return State(job, QUEUED, "", record)
        if record:
            return _ended(job, record)
        if submitted and self._queue is not None and not whole:
            return State(job, KILLED, f"SLURM job {submitted} is gone and said nothing")
        if marker and not self._at_work:
            return State(job, KILLED, "Snakemake began it and was ended before the job could say anything")
        return State(job, QUEUED if marker else MISSING)

    def _outdated(self, job: Job) -> str:
        """Why a job's files are not those that would be made now; empty if they are."""
        made_by = _code_of(job.outputs)
        if job.code and made_by and made_by != job.code:
            return "made by other code"
        made = max(Path(output).stat().st_mtime_ns for output in job.outputs)
        for name in job.needs:
            below = self.state(name)
            if below.state not in (DONE, MISSING):
                return f"{below.job.rule} {below.job.about}, which it reads, is {below.state}"
            if below.state == DONE and any(Path(one).stat().st_mtime_ns > made for one in below.job.outputs):
                return f"{below.job.rule} {below.job.about}, which it reads, is newer"
        return ""


def _ended(job: Job, record: Record) -> State:
    """By its last record, a job that is not at work."""
    if record.state != RUNNING:
        return State(job, FAILED, record.reason, record)
    where = f"SLURM job {record.cluster_job}" if record.cluster_job else f"process {record.process}"
    return State(job, KILLED, f"{where} on {record.host} is gone and said nothing", record)


def _code_of(outputs: Iterable[str]) -> str:
    """Digest of the code that wrote a table among the outputs; empty where none of them says so."""
    path = next((one for one in outputs if one.endswith(".parquet")), None)
    try:
        return str(read_metadata(pq.read_schema(path)).get("code", "")) if path else ""
    except (OSError, ValueError):
        return ""
