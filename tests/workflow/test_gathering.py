"""Jobs of many files on the real DAG: what each is given, that Linux takes its command, same results."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attnexplain.operations.study import plan_of
from attnexplain.plan.capacity import ARGUMENT, FOLDER, INPUTS
from attnexplain.plan.gathering import Gathering
from attnexplain.plan.study_plan import StudyPlan
from workflow_project import STUDY, Project, jobs

pytestmark = pytest.mark.workflow
RESULTS = "results/studies/tiny"
TARGETS = ("tables", f"{RESULTS}/figures/tau-differences.svg")
SMALL: dict[str, Any] = {
    **STUDY,
    "datasets": STUDY["datasets"][:1],
    "grid": {"encoder": [{"name": "average", "hidden": size} for size in (3, 4)], "attention": "additive"},
    "seeds": [1, 2],
    "experiments": [],
    "between": ["imposed-attention", "retest"],
}
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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished study of two cells of two seeds, whose jobs are given files themselves."""
    project = Project(tmp_path_factory.mktemp("whole"), SMALL, *TARGETS)
    project.run()
    return project


@pytest.fixture
def divided(whole: Project, tmp_path: Path) -> Project:
    """The same study where three files are too many."""
    project = whole.twin(tmp_path / "copy")
    path = project.source("plan/capacity.py")
    text = path.read_text(encoding="utf-8")
    assert "FILES = 900" in text
    path.write_text(text.replace("FILES = 900", "FILES = 3"), encoding="utf-8")
    return project


def test_lists_change_no_result_and_what_reads_them_runs_again_when_a_file_changes(
    whole: Project, divided: Project
) -> None:
    results = divided.folder / RESULTS
    before = {path: path.stat().st_mtime_ns for path in made(divided)}
    divided.run()
    assert [path.read_bytes() for path in made(divided)] == [path.read_bytes() for path in made(whole)]
    assert all(path.stat().st_mtime_ns > time for path, time in before.items())
    kinds = {path.parent.name.partition(".")[0] for path in (results / "gathered").rglob("*.sha256")}
    assert kinds == {"runs", "tables", "figures", "between", "retest"}
    for kind in ("between", "retest"):
        assert len(list((results / kind).glob("tiny-sentiment.[01]*.parquet"))) == 2  # a part per cell
    assert divided.planned() == set()
    measures = min((results / "measures").iterdir())
    measures.write_bytes(measures.read_bytes() + b" ")
    planned = divided.planned()
    assert len([text for text in planned if text.startswith("Gathering measures.")]) == 2  # for statistics and figures
    assert planned >= jobs.summaries(["tiny-sentiment"]) | jobs.tables()
    assert not any(text.startswith("Comparing") for text in planned)


def test_a_file_that_is_gone_comes_back_as_the_message_says(divided: Project) -> None:
    target = f"{RESULTS}/agreement/tiny-sentiment.parquet"
    divided.targets = (target,)
    divided.run()
    gone = min((divided.folder / RESULTS / "measures").iterdir())
    gone.unlink()
    failed = divided.snakemake("--cores", "1", "--force", target)
    assert failed.returncode != 0 and "`snakemake --forcerun gather` makes it anew" in failed.stderr + failed.stdout
    divided.run("--forcerun", "gather")
    assert gone.is_file()


def made(project: Project) -> list[Path]:
    """What is aggregated: tables of the study, and a figure that is drawn from measures."""
    tables = sorted((project.folder / RESULTS / "tables").iterdir())
    assert tables
    return [*tables, project.folder / TARGETS[1].replace(".svg", ".csv")]


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
    found = JOB.findall(done.stdout + done.stderr)
    assert {rule for rule, _, _ in found} == {*AGGREGATING}
    for rule, inputs, command in found:
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
