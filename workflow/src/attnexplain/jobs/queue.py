"""What SLURM says of its queue."""

import shutil
import subprocess
from collections.abc import Mapping

PENDING = "PENDING"
PATIENCE = 20  # seconds for an answer


def in_queue(*options: str) -> Mapping[str, str] | None:
    """State (PENDING, RUNNING, ...) of each job that waits or runs, by its number; None where there is no answer.

    A task of an array stands there as `<array>_<task>`, and by the number of its own that it has once it has run.
    `options` are those of `squeue` that choose jobs.
    """
    program = shutil.which("squeue")
    if program is None:
        return None
    command = [program, "--noheader", "--array", "--format=%i|%A|%T", *options]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if asked.returncode:  # of a job that it has forgotten SLURM says that the number is none
        return {} if "Invalid job id" in asked.stderr else None
    rows = [line.split("|") for line in asked.stdout.splitlines()]
    return {number: state for *numbers, state in rows for number in numbers}
