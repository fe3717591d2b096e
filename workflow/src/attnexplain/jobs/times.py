"""How long a job will take, by the times that Snakemake kept of earlier jobs in `results/benchmarks/`.

The first of these that there is, and which one it was, is said beside every estimate:

`itself`    the same job ran before: its time.
`alike`     the same rule and plug-ins on the same tokens (other seeds, other studies): the median.
`scaled`    the same rule and plug-ins on other tokens: times are taken to grow in proportion to the number of tokens
            (times epochs, for training), from the times nearest in size, and never to fall below the shortest one seen.
`rule`      the same rule with other plug-ins, scaled alike.

Where there is none, or it is not known how many tokens a data set has, the time is unknown. Jobs that read no tokens
(tables, figures) are not scaled. What else decides the time - the machine, its load, CPU or GPU, early stopping - is
not looked at.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import log
from pathlib import Path
from statistics import median

from attnexplain.jobs.job import Job

BENCHMARKS = Path("results") / "benchmarks"
TOKENS = Path("resources") / "tokens"
BASES = {
    "itself": "the same job before",
    "alike": "the same plug-ins on the same data",
    "scaled": "the same plug-ins on other data, by the number of tokens",
    "rule": "other plug-ins, by the number of tokens",
}
_NEAREST = 5  # times that a scaled estimate is the median of


@dataclass(frozen=True)
class Estimate:
    """Seconds and what they are based on (a key of BASES); None where there is nothing to base them on."""

    seconds: float | None
    basis: str = ""


@dataclass(frozen=True)
class Timed:
    """What an earlier job took. `size` is what it worked through, in tokens; None where that is unknown."""

    job: Job
    seconds: float
    size: float | None


class Times:
    """Times of earlier jobs, and estimates by them."""

    def __init__(self, timed: Iterable[Timed], sizes: "Sizes") -> None:
        self._sizes = sizes
        self._own: dict[tuple[str, str], float] = {}
        self._alike: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        self._scaled: dict[tuple[str, ...], list[tuple[float, float]]] = defaultdict(list)
        for one in timed:
            job = one.job
            self._own[job.rule, job.about] = one.seconds
            self._alike[job.rule, job.kind, job.tokens].append(one.seconds)
            for key in ((job.rule, job.kind), (job.rule,)) if one.size else ():
                self._scaled[key].append((one.size or 0.0, one.seconds))
        # Looks through all times that there are; of the many jobs of a large study most share one answer.
        self._by_others = cache(self._from_others)

    def estimate(self, job: Job) -> Estimate:
        """How long a job will take."""
        if (job.rule, job.about) in self._own:
            return Estimate(self._own[job.rule, job.about], "itself")
        return self._by_others(job.rule, job.kind, job.tokens, self._sizes.of(job))

    def _from_others(self, rule: str, kind: str, tokens: str, size: float | None) -> Estimate:
        if (rule, kind, tokens) in self._alike:
            return Estimate(median(self._alike[rule, kind, tokens]), "alike")
        for basis, key in (("scaled", (rule, kind)), ("rule", (rule,))):
            if size and key in self._scaled:
                return Estimate(_scaled(self._scaled[key], size), basis)
        return Estimate(None)


class Sizes:
    """How much a job works through: tokens of its split, times epochs."""

    def __init__(self, folder: Path = TOKENS) -> None:
        self._folder = folder
        self._known: dict[str, dict[str, float]] = {}

    def of(self, job: Job) -> float | None:
        """None for a job that reads no tokens, and where these are not made yet."""
        if not job.tokens:
            return None
        if job.tokens not in self._known:
            self._known[job.tokens] = _split_sizes(self._folder / job.tokens / "statistics.json")
        return self._known[job.tokens].get(job.split, 0.0) * job.times or None


def read_times(jobs: Iterable[Job], sizes: Sizes, folder: Path = BENCHMARKS) -> Times:
    """Times of those of `jobs` that have run; the jobs of this study and those of the runs that lie there."""
    timed = []
    for job in {(job.rule, job.about): job for job in jobs}.values():
        seconds = _seconds(folder / job.rule / f"{job.about}.tsv")
        if seconds is not None:
            timed.append(Timed(job, seconds, sizes.of(job)))
    return Times(timed, sizes)


def _scaled(known: list[tuple[float, float]], size: float) -> float:
    """Seconds for `size`, from the times nearest in size: in proportion, and no less than the shortest one."""
    nearest = sorted(known, key=lambda pair: abs(log(pair[0] / size)))[:_NEAREST]
    return max(median(seconds * size / own for own, seconds in nearest), min(seconds for _, seconds in known))


def _seconds(path: Path) -> float | None:
    """The column `s` of a benchmark file; None where there is none."""
    try:
        return float(path.read_text(encoding="utf-8").splitlines()[1].split("\t")[0])
    except (OSError, ValueError, IndexError):
        return None


def _split_sizes(path: Path) -> dict[str, float]:
    """Tokens per split, of both texts of a pair."""
    try:
        about: Mapping[str, Mapping[str, Mapping[str, float] | float | None]] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    found = {}
    for split in ("train", "dev", "test"):
        told = about[split]
        lengths = [told.get(name) for name in ("length", "length_pair")]
        examples = told["examples"]
        means = [length["mean"] for length in lengths if isinstance(length, Mapping)]
        found[split] = float(examples) * sum(means) if isinstance(examples, int | float) else 0.0
    return found
