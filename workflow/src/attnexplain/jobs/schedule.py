"""How long jobs take together: each begins as soon as what it reads is there and a place is free."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from attnexplain.jobs.job import Job


def makespan(jobs: Sequence[Job], seconds: Mapping[str, float], places: int) -> float:
    """Seconds until all of `jobs` are done, so many at a time; `seconds` by name, a job without takes none.

    Jobs that are needed and not among `jobs` are done. The order in which Snakemake begins jobs is another, so this is
    an estimate: never less than the longest chain, nor than the sum divided by `places`.
    """
    names = {job.name for job in jobs}
    waiting = {job.name: sum(name in names for name in job.needs) for job in jobs}
    readers: dict[str, list[str]] = defaultdict(list)
    for job in jobs:
        for name in job.needs:
            readers[name].append(job.name)
    ready = deque(name for name, count in waiting.items() if count == 0)
    running: list[tuple[float, str]] = []
    now = 0.0
    while ready or running:
        while ready and len(running) < places:
            name = ready.popleft()
            heappush(running, (now + seconds.get(name, 0.0), name))
        now, ended = heappop(running)
        for name in readers[ended]:
            if name in waiting:
                waiting[name] -= 1
                if waiting[name] == 0:
                    ready.append(name)
    return now
