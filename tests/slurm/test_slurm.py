"""A study on a real SLURM node, undisturbed and disturbed, ends with the bytes of a local run.

Each disturbance comes in the middle of a training. Afterwards nothing has been trained twice: the log of the attempt
that finished starts with the epoch that the one before it had reached.
"""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from pathlib import Path

import pytest

from additions import BEFORE, NEW, SUBMITTED, add, kept
from slurm_node import Node, until
from slurm_study import (
    EPOCHS,
    RESUMED,
    SHARD,
    SLURM_STUDY,
    TEXTS,
    Submission,
    last,
    leftovers,
    logs,
    recover,
    status,
    trained,
)
from workflow_project import Project, named, results

pytestmark = pytest.mark.slurm
Submit = Callable[..., Submission]


def resumed(project: Project) -> int:
    """The epoch after which the training that finished went on."""
    (log,) = logs(project, "train")
    found = RESUMED.search(log)
    assert found, log
    return int(found.group(1))


def shards(project: Project) -> list[Path]:
    """The whole shards of the slower method, before its table is made of them."""
    folders = (project.folder / "scratch").rglob("attribute-integrated-gradients-*")
    found = [path for folder in folders for path in folder.rglob("*.parquet")]
    return [path for path in found if not path.name.startswith(".")]


def assert_tables(project: Project, undisturbed: Project) -> None:
    """All up to the tables has the bytes that it has where nothing was disturbed."""
    undisturbed.run("tables")
    found, expected = results(project), results(undisturbed)
    assert {path: found.get(path) for path in expected} == expected


def counts(page: str) -> dict[str, dict[str, str]]:
    """Of each rule, how many of its jobs are in which state."""
    lines = [line.split() for line in page.splitlines()]
    start = next(place for place, cells in enumerate(lines) if cells[:2] == ["rule", "jobs"])
    states, *rows = lines[start : lines.index([], start)]
    return {rule: dict(zip(states[1:], cells, strict=True)) for rule, *cells in rows}


def test_a_study_finishes_although_jobs_are_cancelled(
    node: Node, undisturbed: Project, project: Project, submit: Submit
) -> None:
    submission = submit(node, project)
    job = submission.in_training()
    (run,) = (project.folder / "results" / "runs").iterdir()
    first = run / "attributions" / "attention.parquet"
    with submission.held():
        node.call("scancel", job)
        until(lambda: node.states(project.folder)[job] == "CANCELLED", "the end of a cancelled job", node.log)
        page = status(node, project)
    assert re.search(r"Failed: .*\n  train \S+: ended .*\n    told to stop \(SIGTERM\)", page), page
    submission.wait_for(lambda: last(SHARD, project, "attribute") >= 3, "the third shard")
    running = partial(node.running, project.folder, "attribute")
    submission.wait_for(lambda: first.exists() and len(running()) == 1, "the end of the faster method")
    (slower,) = running()
    node.call("scancel", slower.identifier)
    submission.wait_for(lambda: slower.identifier not in map(attrgetter("identifier"), node.active()), "its end")
    whole = shards(project)
    submission.finish()
    # Two tasks of an array, and the one that was cancelled again: it has left alone what the other had made.
    assert Counter(job.rule for job in node.of(project.folder))["attribute"] == 3
    assert 3 <= resumed(project) < EPOCHS
    assert 3 <= len(whole) < TEXTS
    (log,) = [text for text in logs(project, "attribute") if SHARD.search(text)]
    assert len(SHARD.findall(log)) == TEXTS - len(whole)
    assert_tables(project, undisturbed)
    assert (project.folder / "results" / "studies" / "tiny" / "report.zip").is_file()
    assert leftovers(project.folder) == []


def test_a_task_of_an_array_is_cancelled_before_it_begins(
    small_node: Node, undisturbed: Project, project: Project, submit: Submit
) -> None:
    """Of it the queue keeps no trace. Two jobs may be in the queue, and three are ready: none is forgotten."""
    undisturbed.run("attributions")
    project.write({**SLURM_STUDY, "methods": [*SLURM_STUDY["methods"], "gradient"]})
    for run in (undisturbed.folder / "results" / "runs").iterdir():
        shutil.copytree(run, project.folder / "results/runs" / run.name, ignore=shutil.ignore_patterns("attributions"))
    submission = submit(small_node, project, "attributions", "--jobs", "2")

    def waiting() -> list[str]:
        jobs = small_node.of(project.folder)
        return [job.identifier for job in jobs if (job.rule, job.state) == ("attribute", "PENDING")]

    seen: list[str] = []
    submission.wait_for(lambda: seen.extend(waiting()) or bool(seen), "a task that waits")
    small_node.call("scancel", seen[0])
    submission.finish()
    made, expected = (results(one, "runs/*/attributions/*") for one in (project, undisturbed))
    assert len(made) == 3 and {path: made[path] for path in expected} == expected
    assert "train" not in {job.rule for job in small_node.of(project.folder)}


def test_a_job_past_its_time_limit_goes_on_with_twice_the_time(
    node: Node, undisturbed: Project, project: Project, submit: Submit
) -> None:
    submission = submit(node, project, "models")
    job = submission.in_training()
    asked = node.limit(job)
    # SLURM looks at limits twice a minute, and trainings of a test are over by then: this one hangs.
    node.call("scancel", "--signal=STOP", job)
    page = status(node, project)
    assert re.search(rf"Running: .*\n  train \S+: for .*, SLURM job {job} on ", page), page
    node.call("scontrol", "update", f"JobId={job}", "EndTime=now")
    submission.finish()
    states = node.states(project.folder)
    assert states.pop(job) == "TIMEOUT"
    (again,) = states
    assert (asked, node.limit(again)) == ("4:00:00", "8:00:00")
    assert 3 <= resumed(project) < EPOCHS
    assert trained(project) == trained(undisturbed) != {}


def test_a_drained_node(node: Node, undisturbed: Project, project: Project, submit: Submit) -> None:
    """What ran there is put back and waits; all that comes after runs on the node when it is back."""
    submission = submit(node, project, "tables")
    job = submission.in_training()
    with node.drained():
        node.call("scontrol", "requeue", job)
        until(lambda: node.state() == "drained", "a drained node", node.log)
        page = status(node, project)
    assert counts(page)["train"]["queued"] == "1", page
    submission.finish()
    assert 3 <= resumed(project) < EPOCHS
    assert_tables(project, undisturbed)


def test_snakemake_is_killed_and_started_again(
    node: Node, undisturbed: Project, project: Project, submit: Submit
) -> None:
    first = submit(node, project, "tables")
    first.in_training()
    first.kill()
    assert node.running(project.folder, "train")
    recover(node, project, "tables")
    trainings = [job.state for job in node.of(project.folder) if job.rule == "train"]
    assert sorted(trainings) == ["CANCELLED", "COMPLETED"]
    assert 3 <= resumed(project) < EPOCHS
    assert_tables(project, undisturbed)


def test_what_finished_while_snakemake_was_dead_is_kept(
    node: Node, undisturbed: Project, project: Project, submit: Submit
) -> None:
    first = submit(node, project, "models")
    job = first.in_training()
    first.kill()
    until(lambda: node.states(project.folder).get(job) == "COMPLETED", "the end of the training", node.log)
    recover(node, project, "models")
    assert node.states(project.folder) == {job: "COMPLETED"}
    assert trained(project) == trained(undisturbed) != {}


def test_what_is_added_to_a_finished_study_is_all_that_is_submitted(
    small_node: Node, tmp_path: Path, submit: Submit
) -> None:
    """A seed, a data set, a regulariser and a method; the jobs share one GPU, which is none: they take the CPU."""
    study = {**BEFORE, "resources": {"device": "auto"}}
    local = Project(tmp_path / "local", study, "tables")
    local.run()
    project = local.twin(tmp_path / "cluster")
    before = kept(project)
    submission = submit(small_node, project, "tables", study=add(project))
    submission.finish()
    seen = small_node.of(project.folder)
    assert Counter(job.rule for job in seen) == SUBMITTED
    assert {job.rule for job in seen if "gpu" in job.gpus} == {"train", "attribute"}
    assert {job.state for job in seen} == {"COMPLETED"}
    assert named(submission.log.read_text(encoding="utf-8")) == NEW
    assert {path: found for path, found in kept(project).items() if path in before} == before
    at_once = Project(tmp_path / "at_once", study, "tables")
    at_once.run(study=add(at_once))
    assert results(project) == results(at_once)
