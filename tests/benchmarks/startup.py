"""What each stage costs on a study of a few sentences, where nearly all of it is start-up; run by hand:

    python tests/benchmarks/startup.py [--repeats 3] [STAGE ...]

The tiny study of the workflow's tests is run once; then each stage's command, as its rule calls it, again by itself.
Prints the least CPU seconds (user and system) of the repeats and the large libraries that were imported.
"""

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "workflow" / "src")]

from workflow_project import SIZES, STUDY, Project  # noqa: E402

STAGES = (
    "read",
    "tokenise",
    "train",
    "attribute",
    "experiment",
    "between",
    "measure",
    "statistics",
    "tables",
    "figure",
    "report",
)
LARGE = (
    "torch",
    "torch._dynamo",
    "sympy",
    "pandas",
    "scipy",
    "scipy.stats",
    "pyarrow",
    "matplotlib",
    "seaborn",
    "datasets",
    "pydantic",
    "jinja2",
)
COMMAND = re.compile(r"python -m (attnexplain (\w+) .*?) 2> >\(tee")
# What `python -m attnexplain` does, and then a line about the process.
PROBE = """
import os, sys
from attnexplain.cli import main
status = main(sys.argv[1:])
used = os.times()
print(used.user + used.system, *(name for name in %r if name in sys.modules))
sys.exit(status)
"""


def main() -> None:
    """Print one line per stage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="*", metavar="STAGE", default=STAGES, help=", ".join(STAGES))
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        project = Project(Path(name))
        commands = finished(project)
        for stage in given.stages:
            found = [probed(project, shlex.split(commands[stage])[1:]) for _ in range(given.repeats)]
            seconds, modules = min(found)
            sys.stdout.write(f"{stage:10} {seconds:5.2f} s  {modules}\n")
            sys.stdout.flush()


def finished(project: Project) -> dict[str, str]:
    """Run the study; the command of one job of each stage."""
    datasets = [{**STUDY["datasets"][0], "sources": {"synthetic": {"reader": {"name": "planted-sentiment", **SIZES}}}}]
    grid = {**STUDY["grid"], "encoder": STUDY["grid"]["encoder"][0]}
    project.write({**STUDY, "datasets": datasets, "grid": grid, "seeds": [1, 2], "between": ["imposed-attention"]})
    done = project.snakemake("--cores", "1")
    if done.returncode:
        sys.exit(done.stderr)
    return {stage: command for command, stage in COMMAND.findall(done.stdout + done.stderr)}


def probed(project: Project, arguments: list[str]) -> tuple[float, str]:
    """CPU seconds of a stage called so, and the large libraries it has imported."""
    environment = {"PYTHONPATH": str(project.folder / "workflow" / "src"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PROBE % (LARGE,), *arguments]
    done = subprocess.run(command, cwd=project.folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    seconds, _, modules = done.stdout.splitlines()[-1].partition(" ")
    return float(seconds), modules


if __name__ == "__main__":
    main()
