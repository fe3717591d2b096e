"""Which GPUs there are, and one of them for each job.

Snakemake counts GPUs, but cannot say which one a job is to take: all would compute on the first. So a job takes the
first that no other job of this person's holds, by a lock that ends with its process, and sees no other. Locks hold
between several Snakemakes of one machine too, as long as these name the GPUs alike. SLURM's word on what is a job's
stands above all.
"""

import fcntl
import logging
import os
import re
import tempfile
import time
from collections.abc import Iterable, Mapping, MutableMapping
from itertools import takewhile
from pathlib import Path

LOGGER = logging.getLogger(__name__)
VISIBLE = "CUDA_VISIBLE_DEVICES"
SHARED_BY = "ATTNEXPLAIN_JOBS_PER_GPU"  # how many jobs may share a GPU; 1 where it is not set
GIVEN = ("SLURM_JOB_GPUS", "SLURM_STEP_GPUS", "SLURM_GPUS_ON_NODE")
DEVICE = re.compile(r"\d+|(GPU|MIG)-.+")


def visible(environment: Mapping[str, str] = os.environ) -> list[str]:
    """CUDA devices a job could see here, without importing torch: indices, or the names the environment gives them.

    A job of SLURM sees those that it was given, and none where it was given none.
    """
    listed = environment.get(VISIBLE)
    if listed is not None:  # CUDA too ends the list at the first that is none
        return list(takewhile(DEVICE.fullmatch, (name.strip() for name in listed.split(","))))
    if _in_slurm(environment) and not _given(environment):
        return []
    files = [path for path in Path("/dev").glob("nvidia*") if path.name.removeprefix("nvidia").isdigit()]
    return [str(index) for index in range(len(files))]  # CUDA counts those that are there, whatever their numbers


def take_one(environment: MutableMapping[str, str]) -> None:
    """Leave this process one GPU that not too many other jobs hold, waiting for it where all are taken.

    To be called before CUDA starts. Where SLURM gave this job one GPU or none, it sees just that, and takes no lock.
    """
    devices = visible(environment)
    if _in_slurm(environment) and len(devices) < 2:
        environment[VISIBLE] = ",".join(devices)
    elif devices:
        environment[VISIBLE] = _wait_for(devices, environment)


def _in_slurm(environment: Mapping[str, str]) -> bool:
    return "SLURM_JOB_ID" in environment


def _given(environment: Mapping[str, str]) -> bool:
    """Whether SLURM gave this job GPUs; where it hides all others, their indices count from 0 in every job."""
    return any(name in environment for name in GIVEN)


def _wait_for(devices: Iterable[str], environment: Mapping[str, str]) -> str:
    owner = f"slurm-{environment['SLURM_JOB_ID']}" if _given(environment) else f"{os.getuid()}"
    shares = range(int(environment.get(SHARED_BY, "1")))
    places = {
        Path(tempfile.gettempdir(), f"attnexplain-{owner}-gpu-{one}-{n}.lock"): one for n in shares for one in devices
    }
    if (taken := _lock(places)) is None:
        LOGGER.info("waiting for a GPU that no other job holds")
        while (taken := _lock(places)) is None:
            time.sleep(1)
    return places[taken]


def _lock(places: Iterable[Path]) -> Path | None:
    """The first of the files that nobody holds, now held to the end of this process; None where all are held."""
    for place in places:
        lock = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return place
    return None
