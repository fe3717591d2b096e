"""Jobs of many files on the real DAG: what each is given, that Linux takes its command, same results."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attnexplain.operations.study import plan_of
from attnexplain.plan.capacity import ARGUMENT, FOLDER, INPUTS
from attnexplain.plan.gathering import Gathering
from attnexplain.plan.study_plan import StudyPlan
from workflow_project import STUDY, Project

pytestmark = pytest.mark.workflow
TABLES = ("statistics", "comparisons", "gains", "agreement", "curves", "runs", "replication")
# What reads files of many runs, and what is made of that.
AGGREGATING = (
    "gather",
    "statistics",
    "contrast",
    "agreement",
    "between",
    "retest",
    "tables",
    "wide",
    "figure",
)
ABSENT = {
    "name": "absent",
    "title": "Absent",
    "sources": {"files": {"reader": "delimited", "files": {"train": "a.csv"}}},
}
LARGE: dict[str, Any] = {
    **STUDY,
    "datasets": [STUDY["datasets"][0], {**ABSENT, "classes": ["0", "1"]}],
    "grid": [
        {
            "encoder": [{"name": "average", "hidden": size} for size in range(1, 301)],
            "attention": "additive",
            "seeds": list(range(1, 8)),
        },
        {"encoder": {"name": "bilstm", "hidden": 4}, "attention": "additive"},
    ],
    "seeds": list(range(1, 1001)),
    "between": ["imposed-attention", "retest"],
}
RUNS = 300 * 7 + 1000
JOB = re.compile(r"^(?:local)?rule (\w+):\n    input: (.*)\n(?:    .*\n)*\n?(?:Shell command: )?(.*)", re.MULTILINE)


def few_files(project: Project, files: int) -> None:
    """Let a job be given so many files of runs at most."""
    path = project.source("plan/capacity.py")
    text = path.read_text(encoding="utf-8")
    assert "FILES = 900" in text
    path.write_text(text.replace("FILES = 900", f"FILES = {files}"), encoding="utf-8")


@pytest.fixture
def copied(finished: Project, tmp_path: Path) -> Project:
    """The finished tiny study in another folder."""
    copy = object.__new__(Project)
    copy.folder = Path(shutil.copytree(finished.folder, tmp_path / "copy", symlinks=True))
    return copy


def test_lists_change_no_result_and_what_reads_them_runs_again_when_a_file_changes(copied: Project) -> None:
    results = copied.folder / "results" / "studies" / "tiny"
    made = [f"tables/{name}.{kind}" for name in TABLES for kind in ("parquet", "csv")] + ["figures/tau-differences.csv"]
    before = {name: (results / name).read_bytes() for name in made}
    times = {name: (results / name).stat().st_mtime_ns for name in made}
    targets = [f"results/studies/tiny/{name}" for name in ("tables/statistics.parquet", "figures/tau-differences.svg")]
    few_files(copied, 3)
    assert len(copied.planned(*targets) & {"Statistics of tiny-sentiment", "Tables of the study"}) == 2
    copied.run(*targets)
    assert {name: (results / name).read_bytes() for name in made} == before
    assert all((results / name).stat().st_mtime_ns > times[name] for name in made)
    lists = sorted(str(path.relative_to(results / "gathered")) for path in (results / "gathered").rglob("*.sha256"))
    assert {path.split("/")[0] for path in lists} == {"runs.tiny-sentiment", "runs.tiny-shortcut", "tables", "figures"}
    assert copied.planned(*targets) == set()
    measures = next((results / "measures").glob("tiny-shortcut.bilstm*"))
    measures.write_bytes(measures.read_bytes() + b" ")
    planned = copied.planned(*targets)
    assert {text for text in planned if text.startswith("Statistics")} == {"Statistics of tiny-shortcut"}
    gathered = [text for text in planned if text.startswith("Gathering")]
    assert len(gathered) == 2 and any("measures" in text and "runs.tiny-shortcut" in text for text in gathered)


def test_a_file_that_is_gone_comes_back_as_the_message_says(copied: Project) -> None:
    few_files(copied, 3)
    target = "results/studies/tiny/agreement/tiny-sentiment.parquet"
    copied.run(target)
    gone = next((copied.folder / "results" / "studies" / "tiny" / "measures").glob("tiny-sentiment.bilstm*"))
    gone.unlink()
    failed = copied.snakemake("--cores", "1", "--force", target)
    assert failed.returncode != 0 and "`snakemake --forcerun gather` makes it anew" in failed.stderr + failed.stdout
    copied.run("--forcerun", "gather", "--", target)
    assert gone.is_file()


def test_thousands_of_runs_are_aggregated_by_jobs_of_few_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path)
    project.write(LARGE)
    monkeypatch.chdir(project.folder)
    plan = plan_of([Path("study.yaml")], {})
    assert len(plan.runs) == RUNS and len(plan.missing) == RUNS
    pretend_all_is_measured(plan)
    tell_inputs(project)
    targets = [f"{plan.folder}/figures/tau-differences.svg", *plan.wide_tables()]
    done = project.snakemake("--dry-run", "--allowed-rules", *AGGREGATING, "--", *targets)
    assert done.returncode == 0, done.stderr[-3000:]
    jobs = JOB.findall(done.stdout + done.stderr)
    assert {rule for rule, _, _ in jobs} == {*AGGREGATING}
    for rule, inputs, command in jobs:
        assert len(inputs.split(", ")) <= INPUTS, rule
        assert command.startswith(f"python -m attnexplain {rule} "), command[:200]
        assert len(command.encode()) < ARGUMENT - 8 * 1024, rule  # some of it is for what each command begins with
    (settings,) = (project.folder / FOLDER).glob("settings-*.json")
    assert settings.stat().st_size > ARGUMENT  # thousands of runs that are missing, with the reason
    lists = {path: files for _, path, files in Gathering(plan).lists()}
    longest = max(lists, key=lambda path: len(" ".join(lists[path])))
    project.run("--allowed-rules", "gather", "--", longest)
    assert len((project.folder / longest).read_text(encoding="utf-8").splitlines()) == len(lists[longest])


def pretend_all_is_measured(plan: StudyPlan) -> None:
    """Make empty files in the place of what each run has, so that no more than its aggregation is planned."""
    files = [f"resources/tokens/{folder}/test.parquet" for folder in plan.tokens_folders]
    for run in plan.runs:
        names = ("spec.json", "metrics.json", "predictions.parquet", "model.safetensors")
        files += [f"results/runs/{run}/{name}" for name in names]
        files += [*plan.attributions(SimpleNamespace(run=run)), f"{plan.folder}/measures/{run}.parquet"]
    for file in map(Path, files):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def tell_inputs(project: Project) -> None:
    """Take the messages out of the rules: a dry run then says what each job is given."""
    for path in (project.folder / "workflow" / "rules").glob("*.smk"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"    message:\n.*\n", "", text), encoding="utf-8")
