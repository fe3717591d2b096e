"""`attnexplain plan STUDY`: what a study would run, what is there already, and how long it may take."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from attnexplain.jobs.job import Job
from attnexplain.jobs.schedule import makespan
from attnexplain.jobs.times import BASES, Estimate, Sizes, read_times
from attnexplain.operations.asked import pending_outputs
from attnexplain.operations.earlier import earlier_jobs
from attnexplain.operations.study import load_plan
from attnexplain.operations.text import columns, duration, plural
from attnexplain.plan.jobs import jobs_of
from attnexplain.plan.study_plan import StudyPlan

UNKNOWN = "unknown"


def page(files: Sequence[Path], values: Sequence[str], cores: int) -> Iterator[str]:
    """Lines to print; nothing is run. Snakemake is asked which jobs it would run, so its own triggers decide."""
    plan = load_plan(files, values)
    jobs = jobs_of(plan)
    pending = pending_outputs(files, values)
    to_run = [job for job in jobs if pending.intersection(job.outputs)]
    estimates = estimated(jobs, to_run)
    yield from _head(plan)
    yield ""
    yield from columns(_rows(jobs, to_run, estimates), left=1)
    yield ""
    yield from _time(to_run, estimates, cores)


def estimated(jobs: Sequence[Job], chosen: Sequence[Job]) -> dict[str, Estimate]:
    """Estimates of the time of the chosen jobs, by name, from the times of all that ever ran here."""
    times = read_times(chain(jobs, earlier_jobs()), Sizes())
    return {job.name: times.estimate(job) for job in chosen}


def _head(plan: StudyPlan) -> Iterator[str]:
    datasets = len(plan.run_datasets)
    yield f"Study {plan.name}: {plural(len(plan.runs), 'run')} on {plural(datasets, 'data set')} -> {plan.folder}/"
    further = len(plan.trained) - len(plan.runs)
    if further:
        yield f"  and {plural(further, 'run')} beside the grid, which others stand on"
    for planned in plan.datasets.values():
        if planned.missing_reason:
            yield f"  without data set {planned.name!r}: {planned.missing_reason}"


def _rows(jobs: Sequence[Job], to_run: Sequence[Job], estimates: dict[str, Estimate]) -> Iterator[Sequence[str]]:
    used = [basis for basis in (*BASES, "") if any(one.basis == basis for one in estimates.values())]
    yield "rule", "jobs", "cached", "to run", *(["time"] if to_run else []), *(basis or UNKNOWN for basis in used)
    all_of, run_of = (Counter(job.rule for job in some) for some in (jobs, to_run))
    for rule, count in all_of.items():
        chosen = [estimates[job.name] for job in to_run if job.rule == rule]
        yield rule, str(count), str(count - run_of[rule]), str(run_of[rule] or "-"), *_sums(chosen, used)
    together = _sums(list(estimates.values()), used)
    yield "all", str(len(jobs)), str(len(jobs) - len(to_run)), str(len(to_run)), *together


def _sums(estimates: Sequence[Estimate], used: Sequence[str]) -> Iterator[str]:
    """Time of all together, one after the other, and how many of them have which basis."""
    if used:
        known = [one.seconds for one in estimates if one.seconds is not None]
        yield duration(sum(known)) if known else UNKNOWN if estimates else "-"
    bases = Counter(one.basis for one in estimates)
    yield from (str(bases[basis] or "-") for basis in used)


def _time(to_run: Sequence[Job], estimates: dict[str, Estimate], cores: int) -> Iterator[str]:
    if not to_run:
        yield "Nothing is to be done."
        return
    known = {name: one.seconds for name, one in estimates.items() if one.seconds is not None}
    unknown = len(to_run) - len(known)
    if known:
        beside = f", and {plural(unknown, 'job')} of unknown time" if unknown else ""
        together = makespan(to_run, known, cores)
        yield f"About {duration(together)} with --cores {cores}{beside}, by the times of earlier jobs"
    used = Counter(one.basis for one in estimates.values())
    words = {**BASES, "": "nothing like it has run here, or its data set is not tokenised (`snakemake datasets`)"}
    rows = [(f"{basis or UNKNOWN}:", told) for basis, told in words.items() if used[basis]]
    yield from columns(rows, left=2)
