"""What SLURM says of its queue."""

import shutil
import subprocess
from collections.abc import Mapping

PENDING = "PENDING"
PATIENCE = 20  # seconds for an answer


def in_queue(*options: str) -> Mapping[str, str] | None:
    """State (PENDING, RUNNING, ...) of each job that waits or runs, by its number; None where there is no answer.

    The number of a task of an array is `<array>_<task>`. `options` are those of `squeue` that choose jobs.
    """
    program = shutil.which("squeue")
    if program is None:
        return None
    command = [program, "--noheader", "--array", "--format=%i|%T", *options]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if asked.returncode:  # of a job that it has forgotten SLURM says that the number is none
        return {} if "Invalid job id" in asked.stderr else None
    return dict(line.split("|", 1) for line in asked.stdout.splitlines())
