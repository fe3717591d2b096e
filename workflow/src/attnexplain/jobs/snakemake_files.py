"""What tells of Snakemake's own work in this folder: its process, its locks, its markers of incomplete outputs.

The layout of `.snakemake/` is Snakemake's (9.x, files and no database); of another, nothing is found.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from pathlib import Path

PROCESSES = Path("/proc")

FOLDER = Path(".snakemake")


def incomplete_outputs(folder: Path = Path()) -> Mapping[str, Path]:
    """Outputs of jobs that were begun, or sent to a scheduler, in `folder` and have not ended well: their markers."""
    top = folder / FOLDER / "incomplete"
    return {_output(path.relative_to(top)): path for path in top.rglob("*") if path.is_file()}


def submitted_as(marker: Path) -> str:
    """The number that a scheduler gave to the job, `<array>_<task>` in an array; empty where there is none."""
    try:
        return str(json.loads(marker.read_text(encoding="utf-8")).get("external_jobid") or "")
    except (OSError, ValueError, AttributeError):  # the job ended meanwhile, or the marker is just being written
        return ""


def is_locked() -> bool:
    """Whether Snakemake left locks: it works in this folder, or was killed here.

    No locks are no proof that it does not: where two work side by side (with `--nolock`, or on other targets), the
    first to end takes away the locks of both.
    """
    return any((FOLDER / "locks").glob("*.lock"))


def snakemake_processes() -> list[int]:
    """Processes of this machine that are Snakemake at work in this folder; none where /proc does not tell.

    Those that it starts inside a job of a scheduler, each for that job alone, are none of them, nor is
    `attnexplain recover snakemake ...`, which starts one.
    """
    here = Path.cwd().resolve()
    numbers = (int(path.name) for path in PROCESSES.glob("[0-9]*"))
    return sorted(number for number in numbers if _is_snakemake(PROCESSES / str(number), here))


def _is_snakemake(process: Path, here: Path) -> bool:
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        named = any(word.rpartition(b"/")[2] == b"snakemake" for word in words[:4])
        schedules = named and not {b"remote", b"recover"} & set(words)
        return schedules and (process / "cwd").resolve(strict=True) == here
    except OSError:
        return False  # ended meanwhile, or another user's


def _output(marker: Path) -> str:
    """A marker is the output's path in base64, cut into folders `@...` where it is too long for a file name."""
    encoded = "".join(part.removeprefix("@") for part in marker.parts)
    try:
        return urlsafe_b64decode(encoded).decode()
    except ValueError:
        return ""
