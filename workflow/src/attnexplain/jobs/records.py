"""What each job leaves of itself while it runs and when it fails: a small JSON file in `scratch/status/`.

The record lies at the path of the job's output: `scratch/status/results/runs/<run>/spec.json.json`. It is written when
the stage begins, says why where the stage fails or is told to stop, and is removed when the stage ends well. A record
that still says `running` while its process is gone is that of a job that was killed without a word.
"""

import json
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import NoReturn

from attnexplain.errors import AttnExplainError
from attnexplain.jobs.queue import PENDING, in_queue

LOGGER = logging.getLogger(__name__)

FOLDER = Path("scratch") / "status"
RUNNING, FAILED, STOPPED = "running", "failed", "stopped"
_LONGEST = 2000  # characters of a reason


@dataclass(frozen=True)
class Record:
    """How a job stands. `started` and `ended` are seconds since the epoch; `cluster_job` is SLURM's number."""

    stage: str
    state: str
    started: float
    host: str
    process: int
    process_began: str = ""  # in the machine's own ticks: numbers of processes are used again
    cluster_job: str = ""
    reason: str = ""
    ended: float | None = None

    @property
    def is_alive(self) -> bool | None:
        """Whether its process still runs; None where that cannot be seen from this machine.

        Of another machine SLURM is asked, where it is at hand.
        """
        if self.state != RUNNING:
            return False
        if self.host != socket.gethostname():
            return _runs_in_slurm(self.cluster_job) if self.cluster_job else None
        return _began(self.process) == self.process_began != ""


@contextmanager
def recorded(stage: str, output: Path, *, private: bool = False) -> Iterator[None]:
    """Keep the record of a job while the block runs; errors pass through, after their reason was written.

    SIGTERM, by which schedulers and Snakemake end a job, becomes SystemExit(143), so that its reason is written too.
    Of an unexpected error in a `private` stage the kind alone is written: its message may quote the data. An `output`
    outside the working directory is no job of the workflow, and has no record.
    """
    path = record_path(output)
    if path is None:
        yield
        return
    begun = _begun(stage)
    _write(path, begun)
    try:
        with _sigterm_as_exit():
            yield
    except BaseException as error:
        state, reason = _told(error, private)
        _write(path, Record(**{**asdict(begun), "state": state, "reason": reason, "ended": time.time()}))
        raise
    with suppress(OSError):
        path.unlink()


def read_record(output: str | Path) -> Record | None:
    """The record of the job that writes `output`; None where there is none, or it is just being written."""
    path = record_path(Path(output))
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8"))) if path else None
    except (OSError, ValueError, TypeError):
        return None


def running_outputs() -> list[str]:
    """Outputs of all jobs, of any study, that are running or may be: those on other machines cannot be seen."""
    found = (str(path.relative_to(FOLDER)).removesuffix(".json") for path in FOLDER.rglob("*.json"))
    records = ((output, read_record(output)) for output in sorted(found))
    return [one for one, record in records if record and record.state == RUNNING and record.is_alive is not False]


def record_path(output: Path) -> Path | None:
    """Where the record of the job that writes `output` lies; None for an output outside the working directory."""
    if output.is_absolute() or ".." in output.parts:
        return None
    return FOLDER / output.with_name(f"{output.name}.json")


def _told(error: BaseException, private: bool) -> tuple[str, str]:
    """What became of the job, and why."""
    if isinstance(error, KeyboardInterrupt):
        return STOPPED, "interrupted (Ctrl-C)"
    if isinstance(error, SystemExit):
        return STOPPED, "told to stop (SIGTERM): a time limit, a cancelled job, or Snakemake was ended"
    if isinstance(error, AttnExplainError):
        return FAILED, str(error)[:_LONGEST]
    kind = type(error).__name__
    said = " ".join(str(error).split())
    return FAILED, kind if private or not said else f"{kind}: {said}"[:_LONGEST]


def _write(path: Path, record: Record) -> None:
    """The whole record or none; a folder that cannot be written must not end the job."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(asdict(record), indent=2), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        LOGGER.warning("no record of this job can be written: %s", error)


@contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield  # the others are told no signals
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _begun(stage: str) -> Record:
    here, process = socket.gethostname(), os.getpid()
    return Record(stage, RUNNING, time.time(), here, process, _began(process), os.environ.get("SLURM_JOB_ID", ""))


def _began(process: int) -> str:
    """When a process of this machine began, where that is told; the same text while it runs; empty if it is gone."""
    status = Path("/proc") / str(process) / "stat"
    try:
        if status.parent.parent.is_dir():
            return status.read_text(encoding="utf-8").rpartition(")")[2].split()[19]
        os.kill(process, 0)
    except PermissionError:
        return "runs"
    except OSError:
        return ""
    return "runs"


@cache
def _runs_in_slurm(cluster_job: str) -> bool | None:
    """Whether SLURM runs the job, one that it has put back in its queue being none; None where there is no answer."""
    found = in_queue("--jobs", cluster_job)
    return None if found is None else any(state != PENDING for state in found.values())
