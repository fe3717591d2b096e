"""Corrections of the executor plug-in for SLURM, on doubles and on the plug-in itself."""

import asyncio
import sys
from collections.abc import AsyncIterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from attnexplain.plan.slurm_plugin import PLUGIN, by_attempt, correct_slurm_plugin, watching, with_gone

SQUEUE = "squeue --format='%i|%T' --states=all --noheader --name x"


def job(attempt: int) -> SimpleNamespace:
    return SimpleNamespace(attempt=attempt)


def test_retries_are_arrays_of_their_own_and_a_job_alone_goes_in_by_itself() -> None:
    submitted: list[Any] = []
    executor = SimpleNamespace(_submit_job=submitted.append)
    jobs = [job(1), job(2), job(1), job(3), job(2), job(1)]
    by_attempt(lambda _executor, some: submitted.append(some))(executor, jobs)
    assert submitted == [[jobs[0], jobs[2], jobs[5]], [jobs[1], jobs[4]], jobs[3]]


def states(listed: dict[str, str] | None, watched: set[str], command: str = SQUEUE) -> Any:
    async def query(_command: str, _logger: Any) -> tuple[dict[str, str] | None, float]:
        return listed, 0.1

    return asyncio.run(with_gone(query, watched)(command, None))[0]


def test_a_job_that_the_queue_does_not_know_is_a_cancelled_one() -> None:
    listed = {"4_1": "RUNNING", "5": "CANCELLED", "7": "COMPLETED"}
    assert states(listed, {"4_1", "4_2", "5_3", "7", "8"}) == {**listed, "4_2": "CANCELLED", "8": "CANCELLED"}


def test_no_answer_and_an_answer_of_the_accounting_are_left_as_they_are() -> None:
    assert states(None, {"1"}) is None
    assert states({}, {"1"}, "sacct -X") == {}


def test_the_numbers_of_jobs_that_are_looked_at_are_known_to_the_question() -> None:
    watched = {"1"}
    seen: list[set[str]] = []

    async def check(_executor: Any, jobs: list[Any]) -> AsyncIterator[Any]:
        seen.append(set(watched))
        for one in jobs[1:]:
            yield one

    async def left(jobs: list[Any]) -> list[Any]:
        return [one async for one in watching(check, watched)(None, jobs)]

    jobs = [SimpleNamespace(external_jobid=number) for number in ("2_1", "2_2")]
    assert asyncio.run(left(jobs)) == jobs[1:] and seen == [{"2_1", "2_2"}]


def test_the_plugin_is_one_that_is_known_and_is_corrected_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = pytest.importorskip(PLUGIN)
    executor = type("Executor", (plugin.Executor,), {})
    double = ModuleType(PLUGIN)
    double.__dict__.update(vars(plugin), Executor=executor)
    double.__dict__.pop("corrected", None)
    monkeypatch.setitem(sys.modules, PLUGIN, double)
    monkeypatch.setenv("SQUEUE_ARRAY", "0")
    correct_slurm_plugin()
    assert double.pending_jobs_for_rule(None, "attribute") == 0
    once = executor._submit_array_jobs, executor.check_active_jobs, double.query_job_status
    assert once[0] is not plugin.Executor._submit_array_jobs
    correct_slurm_plugin()
    assert (executor._submit_array_jobs, executor.check_active_jobs, double.query_job_status) == once


def test_another_version_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModuleType(PLUGIN)
    monkeypatch.setitem(sys.modules, PLUGIN, other)
    before = dict(vars(other))
    correct_slurm_plugin()
    assert vars(other) == before
