"""What parsing the workflow costs more than an empty Snakefile: each cluster job parses it twice.

    python tests/benchmarks/parse_time.py [--repeats 5]

Prints medians of CPU seconds of `snakemake --list-rules` (parsing alone) and `snakemake --dry-run` (with the plan of
the default study laid out), of the project and of an empty Snakefile in the same run, and their differences.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
EMPTY = "rule all:\n    input:\n        [],\n"


def cpu_seconds(folder: Path, *arguments: str) -> float:
    """CPU seconds, user and system, of one Snakemake call."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "snakemake", "--directory", str(folder), *arguments]
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print one line per call."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "Snakefile").write_text(EMPTY)
        for call in ("--list-rules", "--dry-run"):
            times: dict[str, list[float]] = {"empty": [], "project": []}
            for repeat in range(repeats + 1):  # the first of each warms the caches
                for kind, root in (("empty", folder), ("project", ROOT)):
                    seconds = cpu_seconds(folder, "--snakefile", str(root / "Snakefile"), call)
                    times[kind] += [seconds] if repeat else []
            empty, project = (statistics.median(times[kind]) for kind in ("empty", "project"))
            print(f"{call:13} empty {empty:.2f} s   project {project:.2f} s   difference {project - empty:.2f} s")


if __name__ == "__main__":
    main()
