"""Snakemake's own word on what it would run: `snakemake --summary`, which runs nothing and needs no lock."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from attnexplain.errors import ConfigError
from attnexplain.operations.study import ROOT

_COLUMNS = 6  # output_file, date, rule, log-file(s), status, plan


def pending_outputs(files: Sequence[Path], values: Sequence[str]) -> set[str]:
    """Outputs that `snakemake --configfile FILES --config VALUES` would make, or make again."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--summary"]
    command += ["--configfile", *map(str, files)] if files else []
    command += ["--config", *values] if values else []
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise ConfigError(f"Snakemake cannot plan the study:\n{(done.stderr or done.stdout).strip()[-3000:]}")
    rows = (line.split("\t") for line in done.stdout.splitlines())
    return {row[0] for row in rows if len(row) == _COLUMNS and row[-1] == "update pending"}
