"""Which GPUs there are, and one of them for each job.

Snakemake counts GPUs, but cannot say which one a job is to take: all would compute on the first. So a job takes the
first that no other job of this person's holds, by a lock that ends with its process, and sees no other. SLURM gives
jobs their devices itself.
"""

import fcntl
import os
import tempfile
import time
from collections.abc import MutableMapping, Sequence
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"


def visible() -> list[str]:
    """CUDA devices a job could see here, without importing torch: indices, or the names the environment gives them."""
    listed = os.environ.get(VISIBLE)
    if listed is not None:
        return [device.strip() for device in listed.split(",") if device.strip() not in ("", "-1")]
    numbers = (path.name.removeprefix("nvidia") for path in Path("/dev").glob("nvidia*"))
    return sorted((number for number in numbers if number.isdigit()), key=int)


def take_one(environment: MutableMapping[str, str]) -> None:
    """Leave this process one GPU that no other job holds, waiting for it where all are taken.

    Where there are no two, or SLURM has chosen, nothing is done. To be called before CUDA starts.
    """
    devices = visible()
    if len(devices) < 2 or "SLURM_JOB_ID" in environment:
        return
    while (device := _lock(devices)) is None:
        time.sleep(1)
    environment[VISIBLE] = device


def _lock(devices: Sequence[str]) -> str | None:
    """The first device whose lock is free, locked; None where all are taken."""
    for device in devices:
        name = Path(tempfile.gettempdir(), f"attnexplain-{os.getuid()}-gpu-{device}.lock")
        lock = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)  # open, and so held, to the end of this process
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return device
    return None
