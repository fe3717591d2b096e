"""What the kinds of intervals of a mean share: the crossed values, the limits, and the case of one seed.

A kind is a file of this package: `FACTS`, and

    interval(values (M,), seed (M,), example (M,), confidence, *, centre=None) -> Interval

for values observed under seeds crossed with examples (any labels, each pair at most once, not every pair needed).
`centre` replaces the mean as the middle of the interval (a metric whose pseudo-values are given). A kind whose FACTS
say `"resamples": True` also takes `resamples` and `rng`.

Alike in every kind: under one seed only examples vary, V = s^2 / N with N - 1 degrees of freedom, and the interval says
`examples-only`; there is none (NaN, kind None) with fewer than two values or one example; an example with two values
under one seed is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from attnexplain.metrics.ragged import Floats, Integers

EXAMPLES_ONLY = "examples-only"


@dataclass(frozen=True)
class Parts:
    """Variance of a mean in two parts: of the seeds, known with so few degrees of freedom, and the rest."""

    seeds: float
    df: float
    rest: float


@dataclass(frozen=True)
class Interval:
    """Confidence limits around a mean; `kind` is None where there is no interval."""

    low: float
    high: float
    kind: str | None
    variance: float  # of the mean
    df: float  # of the t distribution that tests use; infinite: the normal
    parts: Parts | None = None  # of the variance, where seeds have one: `statistics/tests.py` needs them


NONE = Interval(float("nan"), float("nan"), None, float("nan"), float("nan"))
IntervalOf = Callable[..., Interval]


@dataclass(frozen=True)
class Crossed:
    """Values (M,) with the numbers of their seeds, 0..S-1, and of their examples, 0..N-1; each pair at most once."""

    values: Floats
    seed: Integers
    example: Integers
    n_seeds: int
    n_examples: int

    @property
    def enough(self) -> bool:
        """Whether anything can be said of how the values vary over examples."""
        return len(self.values) > 1 and self.n_examples > 1

    @cached_property
    def centred(self) -> Floats:
        """Deviations from the first value: sums of those of equal values are exactly 0."""
        deviations: Floats = self.values - self.values[0]
        return deviations

    @cached_property
    def present(self) -> Floats:
        """1 where an example has a value under a seed (N, S)."""
        found = np.zeros((self.n_examples, self.n_seeds))
        found[self.example, self.seed] = 1
        return found

    @cached_property
    def seeds_after_examples(self) -> Floats:
        """Normal equations of the seeds after the examples are swept out (S, S)."""
        per_example = self.present.sum(axis=1, keepdims=True)
        swept: Floats = np.diag(self.present.sum(axis=0)) - self.present.T @ (self.present / per_example)
        return swept

    @cached_property
    def df(self) -> Floats:
        """Degrees of freedom of seeds, examples and residual (3,); each unconnected part of a design costs one."""
        total = len(self.values)
        rank = int(np.linalg.matrix_rank(self.seeds_after_examples, tol=1e-9 * total, hermitian=True))
        return np.array([rank, self.n_examples - self.n_seeds + rank, total - self.n_examples - rank], np.float64)

    @cached_property
    def weights(self) -> Floats:
        """Coefficients of the variances of seeds, examples and residual in the variance of the mean (3,)."""
        total = len(self.values)
        squares = [(self.present.sum(axis=0) ** 2).sum(), (self.present.sum(axis=1) ** 2).sum(), total]
        return np.array(squares) / total**2


def crossed(values: Floats, seed: npt.NDArray, example: npt.NDArray) -> Crossed:
    """Values with any labels of seed and example (M,), numbered; a ValueError where a pair stands twice."""
    seeds, seed_index = np.unique(seed, return_inverse=True)
    examples, example_index = np.unique(example, return_inverse=True)
    pairs = example_index * len(seeds) + seed_index
    if len(pairs) and np.bincount(pairs).max() > 1:
        raise ValueError("an example has two values under one seed")
    return Crossed(np.asarray(values, np.float64), seed_index, example_index, len(seeds), len(examples))


def over_examples(found: Crossed, confidence: float, centre: float | None) -> Interval:
    """The interval of values of one seed."""
    total = len(found.values)
    variance = float(np.var(found.centred, ddof=1)) / total
    return symmetric(found, variance, total - 1.0, EXAMPLES_ONLY, confidence, centre)


def symmetric(
    found: Crossed,
    variance: float,
    df: float,
    kind: str,
    confidence: float,
    centre: float | None,
    parts: Parts | None = None,
) -> Interval:
    """mean -+ t sqrt(variance), around `centre` where it is given."""
    middle = float(found.values.mean()) if centre is None else centre
    half = quantile(0.5 + confidence / 2, df) * float(np.sqrt(variance)) if variance > 0 else 0.0
    return Interval(middle - half, middle + half, kind, variance, df, parts)


def quantile(share: float, df: float) -> float:
    """Quantile of the t distribution; infinite degrees of freedom are the normal."""
    return float(ndtri(share) if np.isinf(df) else stdtrit(df, share))
