"""`attnexplain status STUDY`: what is done, running and failed, why, and how long the rest may take."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attnexplain.jobs.records import RUNNING
from attnexplain.jobs.schedule import makespan
from attnexplain.jobs.snakemake_files import is_locked, snakemake_processes
from attnexplain.jobs.states import DONE, FAILED, KILLED, MEANINGS, State, states
from attnexplain.operations.plan_page import estimated
from attnexplain.operations.study import load_plan
from attnexplain.operations.text import columns, duration, plural
from attnexplain.plan.jobs import jobs_of

SHOWN = 20  # jobs of each kind, unless all are asked for


def page(files: Sequence[Path], values: Sequence[str], places: int | None, shown: int | None = SHOWN) -> Iterator[str]:
    """Lines to print; of running and failed jobs at most `shown`. `places`: how many jobs run at a time, if known."""
    plan = load_plan(files, values)
    found = states(jobs_of(plan))
    yield f"Study {plan.name} ({plan.folder}/), {time.strftime('%Y-%m-%d %H:%M')}"
    yield f"  {_of_snakemake()}"
    absent = [planned.name for planned in plan.datasets.values() if planned.missing_reason]
    if absent:
        yield f"  without {plural(len(absent), 'data set')}: {', '.join(absent)} (`attnexplain plan` says why)"
    yield ""
    yield from columns(_rows(found), left=1)
    for state in (RUNNING, FAILED, KILLED):
        chosen = [one for one in found.values() if one.state == state]
        if chosen:
            yield ""
            yield from _listed(state, chosen, shown)
    yield ""
    yield from _remaining(found, places)


def _of_snakemake() -> str:
    processes = snakemake_processes()
    if processes:
        return f"Snakemake is at work in this folder (process {', '.join(map(str, processes))})"
    if is_locked():
        return "The folder is locked: Snakemake is at work on another machine, or was killed (`snakemake --unlock`)"
    return "Snakemake is not at work in this folder, as far as can be seen from this machine"


def _rows(found: Mapping[str, State]) -> Iterator[Sequence[str]]:
    counts = Counter((one.job.rule, one.state) for one in found.values())
    totals = Counter(one.state for one in found.values())
    used = [state for state in MEANINGS if totals[state]]
    yield "rule", "jobs", *used
    for rule, count in Counter(one.job.rule for one in found.values()).items():
        yield rule, str(count), *(str(counts[rule, state] or "-") for state in used)
    yield "all", str(len(found)), *(str(totals[state]) for state in used)


def _listed(state: str, chosen: Sequence[State], shown: int | None) -> Iterator[str]:
    yield f"{state.capitalize()}: {MEANINGS[state]}"
    for one in chosen[:shown]:
        yield f"  {one.job.rule} {one.job.about}{_when(one)}"
        yield from (f"    {line}" for line in one.reason.splitlines())
        yield f"    log: {one.job.log}{'' if Path(one.job.log).is_file() else ' (none was written)'}"
    if shown is not None and len(chosen) > shown:
        yield f"  and {len(chosen) - shown} more (--all)"


def _when(one: State) -> str:
    record = one.record
    if record is None:
        return ""
    if one.state == RUNNING:
        where = f"SLURM job {record.cluster_job}" if record.cluster_job else f"process {record.process}"
        unseen = " (or killed there: that cannot be seen from here)" if record.is_alive is None else ""
        return f": for {duration(time.time() - record.started)}, {where} on {record.host}{unseen}"
    moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.ended or record.started))
    return f": {'ended' if record.ended else 'begun'} {moment}"


def _remaining(found: Mapping[str, State], places: int | None) -> Iterator[str]:
    """Time of what is not done, those that failed among it: Snakemake tries them again when it is started again."""
    left = [one for one in found.values() if one.state != DONE]
    if not left:
        yield "All is done."
        return
    running = sum(one.state == RUNNING for one in left)
    seconds = _seconds_left(left, found)
    unknown = len(left) - len(seconds)
    given = places or running or 1
    if seconds:
        together = makespan([one.job for one in left], seconds, given)
        why = "" if places else " (as many as run now)" if running else " (none runs now; try --cores)"
        reckoned = f"{plural(given, 'job')} at a time{why}"
        yield f"Remaining: about {duration(together)} with {reckoned}, by the times of earlier jobs"
    else:
        yield "Remaining: unknown"
    if unknown:
        yield f"  {plural(unknown, 'job')} of unknown time: nothing like it has run in this folder"


def _seconds_left(left: Sequence[State], found: Mapping[str, State]) -> dict[str, float]:
    """Estimated seconds of the jobs that are not done, by name; of those that run, what is left of them."""
    estimates = estimated([one.job for one in found.values()], [one.job for one in left])
    seconds = {name: one.seconds for name, one in estimates.items() if one.seconds is not None}
    for one in left:
        if one.state == RUNNING and one.record and one.job.name in seconds:
            seconds[one.job.name] = max(0.0, seconds[one.job.name] - (time.time() - one.record.started))
    return seconds
