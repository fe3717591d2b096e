"""Going on after Snakemake itself was killed: `attnexplain recover snakemake ...`.

A Snakemake that is killed leaves a locked folder behind, jobs in the queue of the cluster, and marks on the files of
jobs whose end it did not see. Started again it would submit those jobs a second time, beside the first, and make anew
what they had finished. Instead: end the jobs that are left (their state is in scratch/), unlock the folder, keep the
models of trainings that finished, and run the command.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from attnexplain.errors import AttnExplainError
from attnexplain.jobs.snakemake_files import incomplete_outputs, snakemake_processes, submitted_as
from attnexplain.plan.grid import model_modules
from attnexplain.provenance import Sources

METADATA_KEY = "attnexplain"
PATIENCE = 600.0  # seconds for cancelled jobs to end; SLURM gives them 30 by default
ACTIVE = "PENDING,CONFIGURING,RUNNING,COMPLETING,SUSPENDED"


def recover(command: Sequence[str]) -> int:
    """Clear up in the working directory, then run `command`, a call of Snakemake; returns its exit status."""
    if not command or Path(command[0]).name != "snakemake":
        raise AttnExplainError("say which call to go on with, as in: attnexplain recover snakemake --cores 8")
    folder = Path.cwd().resolve()
    if running := snakemake_processes():
        raise AttnExplainError(
            f"Snakemake is at work in {folder} (process {running[0]}). Stop it with Ctrl-C: it ends its jobs by itself"
        )
    end_jobs(folder)
    _call([*command, "--unlock"])
    if finished := finished_trainings(folder):
        _call([*command, "--cleanup-metadata", *map(str, finished)])
    return subprocess.run(command, check=False).returncode


def end_jobs(folder: Path) -> None:
    """Cancel the SLURM jobs that were submitted from `folder`, and wait until they are gone.

    Raises: AttnExplainError where jobs were submitted and SLURM does not answer, or jobs do not end.
    """
    if shutil.which("squeue") is None:
        return
    left = queued(folder)
    if left:
        print(f"ending {len(left)} jobs of the killed Snakemake: {' '.join(left)}", flush=True)
        subprocess.run(["scancel", *left], check=True)
    end = time.monotonic() + PATIENCE
    while left := queued(folder):
        if time.monotonic() > end:
            raise AttnExplainError(f"jobs that do not end: {' '.join(left)}. Ask who runs the cluster to end them")
        time.sleep(1)


def queued(folder: Path) -> list[str]:
    """Ids of Snakemake's jobs of `folder` that wait or run."""
    command = ["squeue", "--me", "--noheader", f"--states={ACTIVE}", "--format=%i|%k|%Z"]
    asked = subprocess.run(command, check=False, capture_output=True, text=True)
    if asked.returncode:
        if not any(map(submitted_as, incomplete_outputs(folder).values())):
            return []  # what Snakemake began here were processes of this machine
        raise AttnExplainError(
            f"squeue does not answer: {asked.stderr.strip()}. Jobs of the killed Snakemake may be at work still: go on "
            "when SLURM answers"
        )
    jobs = [line.split("|", 2) for line in asked.stdout.splitlines()]
    return [job for job, comment, where in jobs if comment.startswith("rule_") and Path(where).resolve() == folder]


def finished_trainings(folder: Path) -> list[Path]:
    """Files of trainings whose end Snakemake did not see, but which are whole and of the code as it is.

    A training's files appear one after another, each whole, spec.json last; the model says which run it is and which
    code made it. Files of any other kind of job are made anew.
    """
    marked = [path for path in map(Path, sorted(incomplete_outputs(folder))) if path.parts[:2] == ("results", "runs")]
    code = Sources(folder / ".snakemake" / "attnexplain" / "sources.json")
    runs = {path.parent for path in marked if path.name == "spec.json"}
    whole = {run for run in runs if _is_whole(folder / run, [path for path in marked if path.parent == run], code)}
    return [path for path in marked if path.parent in whole]


def _is_whole(run: Path, files: Sequence[Path], code: Sources) -> bool:
    if not all((run / path.name).is_file() for path in files):
        return False
    spec = json.loads((run / "spec.json").read_text(encoding="utf-8"))
    current = code.code_digest(["attnexplain.stages.train", *model_modules(spec)])
    return _provenance(run / "model.safetensors") == {"run": run.name, "code": current}


def _provenance(model: Path) -> dict[str, str]:
    """What a model says of how it came about: 8 bytes of length, then JSON."""
    with model.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return dict(json.loads(header["__metadata__"][METADATA_KEY]))


def _call(command: Sequence[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode and "metadata was not present" not in done.stderr + done.stdout:
        raise AttnExplainError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
