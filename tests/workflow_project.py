"""A copy of the project in a temporary folder with a tiny study, and the names of its jobs, for tests of the DAG."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
COPIED = ("Snakefile", "workflow", "config", "profiles", "envs")
SIZES = {"train_size": 40, "dev_size": 16, "test_size": 12}
STUDY: dict[str, Any] = {
    "study": "tiny",
    "datasets": [
        {
            "name": f"tiny-{kind}",
            "title": kind,
            "classes": ["0", "1"],
            "sources": {"synthetic": {"reader": {"name": f"planted-{kind}", **SIZES}}},
        }
        for kind in ("sentiment", "shortcut")
    ],
    "grid": {"encoder": [{"name": "bilstm", "hidden": 4}, {"name": "average", "hidden": 4}], "attention": "additive"},
    "seeds": [1],
    "training": {"epochs": 1, "embedding_size": 6},
    "methods": ["attention", "gradient"],
    "experiments": ["permutation"],
    "metrics": ["kendall-tau"],
    "resources": {"device": "cpu"},
}
# It holds how long training took.
TIMED = "performance.json"
JOB = re.compile(r"^Job \d+: (.*)$", re.MULTILINE)
FIGURES = (
    "accuracy-by-run",
    "adversary-by-max-attention",
    "adversary-curves",
    "adversary-histograms",
    "attention-heatmaps",
    "comparisons",
    "costs-and-gains",
    "erasure-by-ranking",
    "evidence-by-method",
    "evidence-by-remedy",
    "method-agreement",
    "metric-agreement",
    "permutation-by-max-attention",
    "rank-stability",
    "tau-by-encoder",
    "tau-differences",
    "tau-distributions",
)


class Project:
    """A copy of the project with a study; `targets` are what its runs and plans ask for, or else all of the study.

    Where figures are not the subject, a study asks for `tables`: drawing is most of the jobs of a small one.
    A folder that is a copy already is taken as it is, with all that was made there.
    """

    def __init__(self, folder: Path, study: dict[str, Any] = STUDY, *targets: str) -> None:
        self.folder, self.targets = folder, targets
        if not (folder / "Snakefile").exists():
            copy_sources(folder)
        self.write(study)

    def write(self, study: dict[str, Any]) -> None:
        """Write the study file."""
        (self.folder / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")

    def snakemake(
        self,
        *arguments: str,
        path: Path | None = None,
        study: Sequence[str] = ("study.yaml",),
        cache: Path | None = None,
    ) -> "subprocess.CompletedProcess[str]":
        """Call Snakemake in the copy, on the files of a study, if any; `cache` is shared between workflows."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "SNAKEMAKE"))}
        environment["PATH"] = f"{path}:{environment['PATH']}" if path else environment["PATH"]
        if cache:
            environment["SNAKEMAKE_OUTPUT_CACHE"] = str(cache)
        command = [sys.executable, "-m", "snakemake", *(["--configfile", *study] if study else []), *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=900)

    def attnexplain(self, *arguments: str) -> str:
        """What a command for people prints in the copy."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder / "workflow" / "src")}
        command = [sys.executable, "-m", "attnexplain", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
        return done.stdout

    def run(self, *arguments: str, path: Path | None = None, study: Sequence[str] = ("study.yaml",)) -> None:
        """Run the study to its end."""
        done = self.snakemake("--cores", "2", *self.targets, *arguments, path=path, study=study)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]

    def planned(self, *arguments: str, path: Path | None = None, study: Sequence[str] = ("study.yaml",)) -> set[str]:
        """Messages of the jobs that a dry run plans, run ids shortened to their slugs."""
        done = self.snakemake("--dry-run", *self.targets, *arguments, path=path, study=study)
        assert done.returncode == 0, done.stderr[-6000:]
        messages = named(done.stdout + done.stderr)
        assert messages or "Nothing to be done" in done.stdout + done.stderr, done.stdout + done.stderr
        return messages

    def twin(self, folder: Path) -> "Project":
        """Another copy of the project, with all that has been made in this one."""
        other = copy(self)
        other.folder = Path(shutil.copytree(self.folder, folder, symlinks=True))
        return other

    def source(self, name: str) -> Path:
        """A file of the package."""
        return self.folder / "workflow" / "src" / "attnexplain" / name


def copy_sources(folder: Path) -> None:
    """What the workflow is made of, without what Python left beside it."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)


class jobs:  # noqa: N801 - a namespace, read as `jobs.train(runs)`
    """Messages of the jobs of each rule."""

    @staticmethod
    def data(names: list[str]) -> set[str]:
        return {text for name in names for text in (f"Reading data set {name}", f"Tokenising {name} with word")}

    @staticmethod
    def train(runs: list[str]) -> set[str]:
        return {f"Training {run}" for run in runs}

    @staticmethod
    def explain(runs: list[str], methods: list[str]) -> set[str]:
        attributed = {f"Attributing {run} with {method}" for run in runs for method in methods}
        return attributed | {f"Experimenting on {run}: permutation" for run in runs}

    @staticmethod
    def measure(runs: list[str]) -> set[str]:
        return {f"Measuring {run}" for run in runs}

    @staticmethod
    def between(names: list[str]) -> set[str]:
        return {f"Comparing the seeds of {name}" for name in names}

    @staticmethod
    def statistics(names: list[str]) -> set[str]:
        return {f"Statistics of {name}" for name in names}

    @staticmethod
    def contrasts(names: list[str]) -> set[str]:
        return {f"Contrasts of {name}" for name in names}

    @staticmethod
    def agreement(names: list[str]) -> set[str]:
        return {f"Agreement of metrics on {name}" for name in names}

    @staticmethod
    def summaries(names: list[str]) -> set[str]:
        """What is made per data set from the measures of its runs."""
        return jobs.statistics(names) | jobs.contrasts(names) | jobs.agreement(names)

    @staticmethod
    def tables() -> set[str]:
        return {"Tables of the study"}

    @staticmethod
    def wide() -> set[str]:
        return {"Wide tables of the study"}

    @staticmethod
    def figures() -> set[str]:
        return {f"Drawing {name}" for name in FIGURES}

    @staticmethod
    def report() -> set[str]:
        return {"Report of the study"}

    @staticmethod
    def end() -> set[str]:
        """What every new result ends in."""
        return jobs.tables() | jobs.wide() | jobs.figures() | jobs.report()


def named(text: str) -> set[str]:
    """Messages of the jobs that Snakemake names, run ids shortened to their slugs."""
    return {re.sub(r"-[0-9a-f]{6,10}\b", "", message) for message in JOB.findall(text)}


def results(project: Project, pattern: str = "**/*") -> dict[str, bytes]:
    """The bytes of the results whose paths match a pattern, by path."""
    folder = project.folder / "results"
    kept = [path for path in sorted(folder.glob(pattern)) if path.is_file() and "benchmarks" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept if path.name != TIMED}


def is_source(path: Path) -> bool:
    """A file of the copy that a test may edit."""
    return path.suffix in {".py", ".yaml", ".smk", ".csv", ".html"} and not {
        "results",
        "resources",
        ".snakemake",
    } & set(path.parts)
