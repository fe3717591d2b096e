"""What snakemake-executor-plugin-slurm 2.8.0 gets wrong about arrays, put right in the Snakemake that submits them.

- Of the selected jobs of an array rule it keeps back those that are fewer than an array while more are ready, as with
  `--jobs 4` or a limit of jobs per second, and never comes back to them. Here all that is selected is submitted.
- All tasks of an array ask for what its first job asks. Here first attempts and retries, which ask for more, are arrays
  of their own.
- A task that is cancelled while it waits stands in the queue together with others, or nowhere, and is waited for for
  ever. Here each task has a line of its own, and a job that the queue does not know is a cancelled one.

What its tasks get wrong is in `array_tasks`. A version of the plug-in that is made otherwise is left as it is.
"""

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

PLUGIN = "snakemake_executor_plugin_slurm"
Query = Callable[[str, Any], Awaitable[tuple[Mapping[str, str] | None, float | None]]]


def correct_slurm_plugin() -> None:
    """Change the plug-in in this process, where Snakemake has loaded it; a second call changes nothing."""
    plugin = sys.modules.get(PLUGIN)
    if plugin is None or not _is_known(plugin) or hasattr(plugin, "corrected"):
        return
    plugin.corrected = True  # type: ignore[attr-defined]
    os.environ["SQUEUE_ARRAY"] = "1"  # `squeue` then prints a line per task
    watched: set[str] = set()
    executor = plugin.Executor
    plugin.pending_jobs_for_rule = lambda _dag, _rule: 0  # type: ignore[attr-defined]
    executor._submit_array_jobs = by_attempt(executor._submit_array_jobs)
    executor.check_active_jobs = watching(executor.check_active_jobs, watched)
    plugin.query_job_status = with_gone(plugin.query_job_status, watched)  # type: ignore[attr-defined]


def by_attempt(submit: Callable[[Any, list[Any]], None]) -> Callable[[Any, list[Any]], None]:
    """The submission of an array, called for the jobs of each attempt; a job alone goes in by itself."""

    def submit_apart(executor: Any, jobs: Sequence[Any]) -> None:
        attempt = attrgetter("attempt")
        for _, found in groupby(sorted(jobs, key=attempt), attempt):
            same = list(found)
            if len(same) == 1:
                executor._submit_job(same[0])
            else:
                submit(executor, same)

    return submit_apart


def watching(
    check: Callable[[Any, list[Any]], AsyncIterator[Any]], watched: set[str]
) -> Callable[[Any, list[Any]], AsyncIterator[Any]]:
    """The look at submitted jobs, which first writes down their numbers."""

    async def check_watched(executor: Any, jobs: list[Any]) -> AsyncIterator[Any]:
        watched.clear()
        watched.update(job.external_jobid for job in jobs)
        async for job in check(executor, jobs):
            yield job

    return check_watched


def with_gone(query: Query, watched: Collection[str]) -> Query:
    """The question for states, with those of watched jobs that `squeue` does not know.

    It forgets a job after `MinJobAge`, and a waiting task of an array as soon as it is cancelled.
    """

    async def query_with_gone(command: str, logger: Any) -> tuple[Mapping[str, str] | None, float | None]:
        states, seconds = await query(command, logger)
        if states is not None and command.startswith("squeue"):
            gone = {job for job in watched if not {job, job.partition("_")[0]} & states.keys()}
            states = {**states, **dict.fromkeys(gone, "CANCELLED")}
        return states, seconds

    return query_with_gone


def _is_known(plugin: Any) -> bool:
    executor = getattr(plugin, "Executor", None)
    names = ("_submit_array_jobs", "_submit_job", "check_active_jobs")
    return (
        hasattr(plugin, "pending_jobs_for_rule")
        and hasattr(plugin, "query_job_status")
        and all(hasattr(executor, name) for name in names)
    )
