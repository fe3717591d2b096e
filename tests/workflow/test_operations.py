"""Looking at a study on the real DAG: what is listed, planned and told, partial results, data that workflows share."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from attnexplain.operations.study import plan_of
from attnexplain.plan.jobs import jobs_of
from workflow_project import FIGURES, STUDY, Project

pytestmark = pytest.mark.workflow
ALL = str(33 + len(FIGURES))  # jobs of the tiny study


def counts(page: str) -> dict[str, list[str]]:
    """Cells of the first table of a page by the rule they are of."""
    lines = [line.split() for line in page.splitlines()]
    first = next(place for place, cells in enumerate(lines) if cells[:2] == ["rule", "jobs"])
    rows = lines[first : lines.index([], first)]
    return {cells[0]: cells[1:] for cells in rows}


@contextmanager
def without(*paths: Path) -> Iterator[None]:
    """The project without some results, which are put back as they were."""
    away = [path.with_name(f"{path.name}.away") for path in paths]
    for path, aside in zip(paths, away, strict=True):
        path.rename(aside)
    try:
        yield
    finally:
        for path, aside in zip(paths, away, strict=True):
            aside.rename(path)


def run_of(project: Project, start: str) -> Path:
    (found,) = (project.folder / "results" / "runs").glob(f"{start}*")
    return found


def test_the_jobs_that_are_listed_are_those_of_snakemake(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    guided = {"encoder": "average", "attention": {"name": "frozen", "base": {"attention": "additive"}}}
    adversary = {"name": "adversarial", "base": {"regulariser": "none"}}
    attacked = {"encoder": {"name": "bilstm", "hidden": 4}, "attention": "additive", "regulariser": adversary}
    measured = {
        "experiments": ["permutation", "distance-to-base"],
        "metrics": ["kendall-tau", "evidence-auprc"],
        "between": ["imposed-attention", "retest"],
    }
    project.write({**STUDY, "seeds": [1, 2], "grid": [STUDY["grid"], guided, attacked], **measured})
    done = project.snakemake("--summary")
    rows = [line.split("\t") for line in done.stdout.splitlines()[1:]]
    theirs = {row[0]: row[2].removeprefix("own_") for row in rows if len(row) == 6}
    assert {"between", "retest", "annotators", "curve"} <= set(theirs.values())
    monkeypatch.chdir(project.folder)
    ours = jobs_of(plan_of([Path("study.yaml")], {}))
    assert {output: job.rule for job in ours for output in job.outputs} == theirs
    logs = {row[0]: row[3] for row in rows if len(row) == 6 and row[3] != "-"}
    listed = {output: job.log for job in ours for output in job.outputs}
    assert logs and {output: listed[output] for output in logs} == logs
    commands = project.snakemake("--dry-run", "--forceall")
    named = re.findall(r" --output (\S+) 2> ", commands.stdout + commands.stderr)
    assert sorted(named) == sorted(job.name for job in ours)
    made = [job for job in ours if all((project.folder / output).is_file() for output in job.outputs)]
    assert made and all((project.folder / job.benchmark).is_file() for job in made)


def test_a_plan_counts_what_snakemake_would_run_and_says_what_its_time_is_based_on(project: Project) -> None:
    page = project.attnexplain("plan", "study.yaml")
    assert counts(page)["all"] == [ALL, ALL, "0"]
    assert page.endswith("Nothing is to be done.\n")
    project.write({**STUDY, "seeds": [1, 2]})
    page = project.attnexplain("plan", "study.yaml", "--cores", "4")
    found = counts(page)
    assert found["rule"][:4] == ["jobs", "cached", "to", "run"]
    assert found["train"][:3] == ["8", "4", "4"] and found["train"][-1] == "4"  # as long as the other seed's
    assert found["data"][:3] == ["2", "2", "-"]
    assert re.search(r"About \d+ (s|min) with --cores 4, by the times of earlier jobs", page)
    assert "alike:   the same plug-ins on the same data" in page


def test_a_study_that_never_ran_here_has_unknown_times(tmp_path: Path) -> None:
    page = Project(tmp_path).attnexplain("plan", "study.yaml")
    found = counts(page)
    assert found["all"][:3] == [ALL, "0", ALL] and found["all"][-2:] == ["unknown", ALL]
    assert "nothing like it has run here" in page


def test_status_tells_what_is_done_and_why_a_job_failed(project: Project) -> None:
    assert project.attnexplain("status", "study.yaml").endswith("All is done.\n")
    run = run_of(project, "tiny-sentiment.average")
    model, gradient = run / "model.safetensors", run / "attributions" / "gradient.parquet"
    times = model.stat()
    with without(model, gradient):
        model.write_bytes(b"no model")
        os.utime(model, ns=(times.st_atime_ns, times.st_mtime_ns))
        failed = project.snakemake("--cores", "1", str(gradient.relative_to(project.folder)))
        assert failed.returncode != 0
        page = project.attnexplain("status", "study.yaml")
        assert "not the model of run tiny-sentiment.average" in page
        assert f"log: logs/attribute/{run.name}/gradient.log" in page
        assert "Remaining: about" in page
        model.unlink()
    # What is put back is done, whatever a record says.
    assert project.attnexplain("status", "study.yaml").endswith("All is done.\n")


def test_partial_results_are_of_what_is_finished_and_touch_nothing_else(project: Project) -> None:
    results = project.folder / "results" / "studies" / "tiny"
    run, unexplained = run_of(project, "tiny-sentiment.average"), run_of(project, "tiny-shortcut.bilstm")
    measures = results / "measures" / f"{unexplained.name}.parquet"
    before = {path: path.stat().st_mtime_ns for path in results.rglob("*") if path.is_file()}
    with without(run, measures, unexplained / "attributions" / "gradient.parquet"):
        done = project.snakemake("--cores", "1", "--nolock", "partial")
        assert done.returncode == 0, done.stderr[-3000:]
        assert "1 of 1 steps" in done.stderr + done.stdout
        assert not run.exists() and not measures.exists()
    kept = {path: path.stat().st_mtime_ns for path in before if path != measures}
    assert kept == {path: before[path] for path in kept}
    partial = results / "partial"
    status = pd.read_parquet(partial / "status.parquet").set_index(["rule", "about"])
    assert status.loc[("train", run.name), "state"] == "missing"
    assert status.loc[("train", unexplained.name), ["state", "taken"]].tolist() == ["done", True]
    runs = pd.read_parquet(partial / "tables" / "runs.parquet")
    assert set(runs["run"].dropna()) == {path.stem for path in (results / "measures").iterdir()} - {run.name}
    (missing,) = runs[runs["run"].isna()].to_dict("records")
    assert (missing["encoder"][:7], missing["missing_reason"]) == ("average", "its training has not begun")
    statistics = pd.read_parquet(partial / "tables" / "statistics.parquet")
    whole = pd.read_parquet(results / "tables" / "statistics.parquet")
    cell = ["dataset", "encoder", "metric", "method", "method_b", "class"]
    both = statistics[statistics["mean"].notna()].merge(whole, on=cell, suffixes=("", "_whole"))
    assert len(both) and (both["mean"] == both["mean_whole"]).all()
    of_run = statistics[(statistics["dataset"] == "tiny-shortcut") & statistics["encoder"].str.startswith("bilstm")]
    assert "accuracy" in set(of_run["metric"]) and "kendall-tau" not in set(of_run["metric"])  # one method has no pair
    assert (partial / "figures" / "accuracy-by-run.svg").is_file()
    assert "tiny (partial)" in (partial / "tables" / "wide.md").read_text(encoding="utf-8")


def test_open_data_are_shared_between_workflows_and_a_users_own_files_are_not(tmp_path: Path) -> None:
    own = {"reader": "delimited", "files": {"train": "own.csv"}}
    mine = {"name": "mine", "title": "Mine", "classes": ["a", "b"], "sources": {"files": own}}
    (tmp_path / "cache").mkdir()
    outputs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        project = Project(tmp_path / name)
        project.write({**STUDY, "datasets": [STUDY["datasets"][0], mine]})
        rows = "".join(f"some text {number},{'ab'[number % 2]}\n" for number in range(40))
        (project.folder / "own.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
        done = project.snakemake("--cores", "2", "--cache", "--", "datasets", cache=tmp_path / "cache")
        assert done.returncode == 0, done.stderr[-3000:]
        outputs.append(done.stderr + done.stdout)
    cached = sorted((tmp_path / "cache").iterdir())
    assert len(cached) == 4 + 5  # files of one data set and of its tokens
    assert "Moving output file" in outputs[0] and "Moving output file" not in outputs[1]
    assert "Symlinking output file resources/datasets/tiny-sentiment" in outputs[1]
    assert not re.search("(Moving|Symlinking) output file resources/[a-z]+/mine", "".join(outputs))
    refused = project.snakemake("--cores", "1", "--cache", "own_data", "--", "datasets", cache=tmp_path / "cache")
    assert refused.returncode != 0
