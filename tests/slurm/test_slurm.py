"""A study on a real SLURM node, undisturbed and disturbed, ends with the bytes of a local run.

Each disturbance comes in the middle of a training. Afterwards nothing has been trained twice: the log of the attempt
that finished starts with the epoch that the one before it had reached.
"""

from pathlib import Path

import pytest

from slurm_node import Node, until
from slurm_study import EPOCHS, RESUMED, SHARD, TEXTS, Submission, last, leftovers, logs, recover, results, trained
from workflow_project import Project

pytestmark = pytest.mark.slurm


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


def test_a_study_finishes_although_jobs_are_cancelled(node: Node, undisturbed: Project, project: Project) -> None:
    submission = Submission(node, project)
    node.call("scancel", submission.in_training())
    submission.wait_for(lambda: last(SHARD, project, "attribute") >= 3, "the third shard")
    jobs = {job.identifier for job in node.running(project.folder, "attribute")}
    node.call("scancel", *jobs)
    submission.wait_for(lambda: not jobs & {job.identifier for job in node.active()}, "the end of cancelled jobs")
    kept = shards(project)
    submission.finish()
    assert 3 <= resumed(project) < EPOCHS
    assert 3 <= len(kept) < TEXTS
    (log,) = [text for text in logs(project, "attribute") if SHARD.search(text)]
    assert len(SHARD.findall(log)) == TEXTS - len(kept)
    undisturbed.run("tables")
    expected = results(undisturbed)
    assert {path: content for path, content in results(project).items() if path in expected} == expected
    assert (project.folder / "results" / "studies" / "tiny" / "report.zip").is_file()
    assert leftovers(project.folder) == []


def test_a_job_past_its_time_limit_goes_on_with_twice_the_time(
    node: Node, undisturbed: Project, project: Project
) -> None:
    submission = Submission(node, project, "models")
    job = submission.in_training()
    asked = node.limit(job)
    # SLURM looks at limits twice a minute, and trainings of a test are over by then: this one hangs.
    node.call("scancel", "--signal=STOP", job)
    node.call("scontrol", "update", f"JobId={job}", "EndTime=now")
    submission.finish()
    states = node.states(project.folder)
    assert states.pop(job) == "TIMEOUT"
    (again,) = states
    assert (asked, node.limit(again)) == ("4:00:00", "8:00:00")
    assert 3 <= resumed(project) < EPOCHS
    assert trained(project) == trained(undisturbed) != {}


def test_a_drained_node(node: Node, undisturbed: Project, project: Project) -> None:
    submission = Submission(node, project, "models")
    job = submission.in_training()
    node.call("scontrol", "update", f"NodeName={node.host}", "State=DRAIN", "Reason=test")
    node.call("scontrol", "requeue", job)
    until(lambda: node.state() == "drained", "a drained node", node.log)
    node.call("scontrol", "update", f"NodeName={node.host}", "State=RESUME")
    submission.finish()
    assert 3 <= resumed(project) < EPOCHS
    assert trained(project) == trained(undisturbed) != {}


def test_snakemake_is_killed_and_started_again(node: Node, undisturbed: Project, project: Project) -> None:
    first = Submission(node, project, "models")
    first.in_training()
    first.kill()
    assert node.running(project.folder, "train")
    recover(node, project, "models")
    assert sorted(node.states(project.folder).values()) == ["CANCELLED", "COMPLETED"]
    assert 3 <= resumed(project) < EPOCHS
    assert trained(project) == trained(undisturbed) != {}


def test_what_finished_while_snakemake_was_dead_is_kept(node: Node, undisturbed: Project, project: Project) -> None:
    first = Submission(node, project, "models")
    job = first.in_training()
    first.kill()
    until(lambda: node.states(project.folder).get(job) == "COMPLETED", "the end of the training", node.log)
    recover(node, project, "models")
    assert node.states(project.folder) == {job: "COMPLETED"}
    assert trained(project) == trained(undisturbed) != {}
