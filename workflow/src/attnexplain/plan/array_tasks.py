"""Tasks of a SLURM array each become their own job.

snakemake-executor-plugin-slurm 2.8.0 starts every task of an array as the array's first job, which calls the task's own
job and then looks at the outputs of the first: a task that ends before the first job fails, although its own outputs
are there, and a task that is cancelled removes what the first has made. So a task that is not the first turns into the
call of its own job, before anything is planned. It is then a job like one that was submitted by itself.
"""

import argparse
import base64
import json
import os
import sys
import zlib
from collections.abc import Mapping, Sequence

OPTION = "--slurm-jobstep-array-execs"


def become_own_job() -> None:
    """Replace this Snakemake, in a task of an array that is not its first, by the one that the task stands for."""
    payload = packed_calls(sys.argv[1:])
    call = own_call(payload, os.environ) if payload else None
    if call is not None:
        os.execv("/bin/sh", ["sh", "-c", call])


def packed_calls(arguments: Sequence[str]) -> str:
    """What the plug-in tells a task of all tasks; empty elsewhere.

    Of the command line, since the workflow is read before Snakemake has made its settings of that.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(OPTION, dest="payload", default="")
    found: str = parser.parse_known_args(arguments)[0].payload
    return found


def own_call(payload: str, environment: Mapping[str, str]) -> str | None:
    """The shell command of the task that `environment` names; None for the first, or where none can be read."""
    task = environment.get("SLURM_ARRAY_TASK_ID", "")
    if task == environment.get("SLURM_ARRAY_TASK_MIN"):
        return None
    try:
        packed = json.loads(base64.b64decode(payload.strip("'\"")))[task]
        return zlib.decompress(bytes.fromhex(packed)).decode()
    except (ValueError, KeyError, TypeError, zlib.error):
        return None  # another version of the plug-in packs otherwise, and goes its own way
