"""What planning a study costs, by the number of its runs: writes OUTPUT.csv and the table in OUTPUT.md.

    python tests/benchmarks/planning.py [--runs 100 1000 10000] [--finished 100 1000] [--output docs/scale]

A study of generated data with ten jobs a run: a training, four attributions, four experiments, the measures. It is
planned in a folder of its own; nothing is run or downloaded. Where it is `finished`, every output is there (empty) with
Snakemake's record of it (`snakemake --touch --forceall`, which sleeps a tenth of a second per job). Each call is a
process of its own.
"""

import argparse
import csv
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import yaml

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
SOURCE = ROOT / "workflow" / "src"
sys.path[:0] = [str(HERE), str(SOURCE)]

from attnexplain.pages.markdown import table  # noqa: E402

STUDY = "study.yaml"
DATASETS = 10
ENCODERS = ("bilstm", "cnn", "average", {"name": "bilstm", "hidden": 64}, {"name": "cnn", "hidden": 64})
ATTENTION = ("additive", "dot")
METHODS = ("attention", "gradient", "leave-one-out", "random")
EXPERIMENTS = ("permutation", "uniform-at-test", "permuted-at-test", "erasure")
RUNS_PER_SEED = DATASETS * len(ENCODERS) * len(ATTENTION)

SNAKEMAKE = (sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--configfile", STUDY)
DRY_RUN = (*SNAKEMAKE, "--dry-run", "--quiet", "rules")
OURS = (sys.executable, "-m", "attnexplain")
CALLS = {
    "snakemake --dry-run --quiet rules": DRY_RUN,
    "snakemake --dry-run --quiet": (*SNAKEMAKE, "--dry-run", "--quiet"),
    "attnexplain plan": (*OURS, "plan", STUDY),
    "attnexplain status": (*OURS, "status", STUDY),
}
FINISHED = "snakemake --dry-run, study finished"
TOTAL = re.compile(r"^total +(\d+)$", re.MULTILINE)
# Every output of the study as an empty file.
WRITE = f"""
from pathlib import Path
from attnexplain.operations.study import load_plan
from attnexplain.plan.jobs import jobs_of
for job in jobs_of(load_plan([Path("{STUDY}")])):
    for output in map(Path, job.outputs):
        output.parent.mkdir(parents=True, exist_ok=True)
        output.touch()
"""
HEADS = ("Call", "Runs", "Jobs", "Wall, s", "CPU, s", "Peak, MiB", "CPU per further job, ms", "Memory, KiB")
MARKS = ("<!-- measured -->\n", "<!-- end -->\n")


@dataclass(frozen=True)
class Row:
    """A call on a study. The last two are slopes from the same call on the study of the next smaller size."""

    call: str
    runs: int
    jobs: int
    wall_s: float
    cpu_s: float
    peak_mib: float
    ms_per_further_job: float | None = None
    kib_per_further_job: float | None = None


def main() -> None:
    """A line per call, and the files once all are measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", nargs="+", type=int, default=[100, 1000, 10_000])
    parser.add_argument("--finished", nargs="*", type=int, default=[100, 1000], help="runs of finished studies")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "scale", help="path without its ending")
    given = parser.parse_args()
    rows: list[Row] = []
    for runs in sorted({*given.runs, *given.finished}):
        if runs % RUNS_PER_SEED:
            parser.error(f"{runs} runs: they come in multiples of {RUNS_PER_SEED}, which are one seed")
        for found in measured(runs, runs in given.finished):
            rows.append(grown(found, rows))
            print("   ".join(cells(rows[-1])), flush=True)
    write(given.output, rows)


def measured(runs: int, finished: bool) -> Iterator[Row]:
    """Rows of one size, without slopes."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / STUDY).write_text(yaml.safe_dump(study(runs)), encoding="utf-8")
        jobs = 0
        for call, command in CALLS.items():
            *costs, said = called(command, folder)
            jobs = jobs or int(TOTAL.findall(said)[-1])
            yield Row(call, runs, jobs, *costs)
        if finished:
            called((sys.executable, "-c", WRITE), folder)
            called((*SNAKEMAKE, "--touch", "--forceall", "--cores", "500", "--scheduler", "greedy", "--quiet"), folder)
            *costs, said = called(DRY_RUN, folder)
            if "Nothing to be done" not in said or not any((folder / ".snakemake" / "metadata").iterdir()):
                sys.exit(f"the study is not finished:\n{said}")
            yield Row(FINISHED, runs, jobs, *costs)


def study(runs: int) -> dict[str, Any]:
    """A study of so many runs."""
    sources = {"synthetic": {"reader": {"name": "planted-sentiment"}}}
    names = [f"planted-{number}" for number in range(DATASETS)]
    return {
        "study": "scale",
        "datasets": [{"name": name, "title": name, "classes": ["0", "1"], "sources": sources} for name in names],
        "grid": {"encoder": list(ENCODERS), "attention": list(ATTENTION)},
        "seeds": list(range(1, runs // RUNS_PER_SEED + 1)),
        "methods": list(METHODS),
        "experiments": list(EXPERIMENTS),
        "metrics": ["kendall-tau"],
    }


def called(command: Sequence[str], folder: Path) -> tuple[float, float, float, str]:
    """Seconds of wall and CPU, peak MiB of the largest process, and what was printed."""
    with TemporaryFile("w+") as said:
        begun = time.perf_counter()
        environment = os.environ | {"PYTHONPATH": str(SOURCE)}
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        said.seek(0)
        printed = said.read()
    if status:
        sys.exit(f"{' '.join(command)}\n{printed}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, printed


def grown(found: Row, above: Sequence[Row]) -> Row:
    """The row with its slopes, where the same call was measured on a smaller study."""
    smaller = [one for one in above if one.call == found.call]
    if not smaller:
        return found
    jobs = found.jobs - smaller[-1].jobs
    ms, kib = 1e3 * (found.cpu_s - smaller[-1].cpu_s) / jobs, 1024 * (found.peak_mib - smaller[-1].peak_mib) / jobs
    return Row(*astuple(found)[:-2], ms, kib)


def write(output: Path, rows: Sequence[Row]) -> None:
    """`output`.csv, and the table between its marks in `output`.md, where that page is."""
    ordered = sorted(rows, key=lambda row: [one.call for one in rows].index(row.call))
    with output.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Row))
        writer.writerows([f"{one:.4g}" if isinstance(one, float) else one for one in astuple(row)] for row in ordered)
    page = output.with_suffix(".md")
    if page.is_file():
        before, _, rest = page.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        page.write_text("".join([before, MARKS[0], table(HEADS, map(cells, ordered)), "\n", MARKS[1], after]), "utf-8")


def cells(row: Row) -> list[str]:
    """The row for people."""
    slopes = ("–" if one is None else f"{one:.1f}" for one in (row.ms_per_further_job, row.kib_per_further_job))
    return [
        row.call,
        f"{row.runs:,}",
        f"{row.jobs:,}",
        f"{row.wall_s:.1f}",
        f"{row.cpu_s:.1f}",
        f"{row.peak_mib:,.0f}",
        *slopes,
    ]


if __name__ == "__main__":
    main()
