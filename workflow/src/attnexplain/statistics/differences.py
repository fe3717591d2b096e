"""Difference of two means that have intervals, and the share of values above a threshold."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.intervals.two_way import interval


@dataclass(frozen=True)
class Estimate:
    """A number with the ends of its interval (None where there is none) and what it comes from."""

    value: float
    low: float | None = None
    high: float | None = None
    n_examples: int = 0
    n_seeds: int = 0

    @property
    def has_interval(self) -> bool:
        """Whether both ends are known."""
        return self.low is not None and self.high is not None


def difference(first: Estimate, second: Estimate) -> Estimate:
    """first - second, its interval from theirs: the square-and-add limits of Zou & Donner (2008).

    They are right for independent estimates. Two models tested on the same texts err alike rather than apart, and then
    the interval is too wide: the safe side.
    """
    value = first.value - second.value
    counts = (min(first.n_examples, second.n_examples), min(first.n_seeds, second.n_seeds))
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return Estimate(value, None, None, *counts)
    below = float(np.hypot(first.value - first.low, second.high - second.value))
    above = float(np.hypot(first.high - first.value, second.value - second.low))
    return Estimate(value, value - below, value + above, *counts)


def share_above(
    values: Floats, seed: npt.NDArray, example: npt.NDArray, threshold: float, confidence: float
) -> Estimate:
    """Share of `values` (M,) above a threshold, with an interval over seeds and examples.

    The interval is `two-way` (`intervals/`) on indicators, widened where it is narrower than the exact binomial one
    (Clopper & Pearson 1934) of so many examples under one seed: a share of 0 or 1 has no variance of its own.
    """
    above = (values > threshold).astype(np.float64)
    share, n_examples = float(above.mean()), len(np.unique(example))
    low, high = clopper_pearson(share, n_examples, confidence)
    found = interval(above, seed, example, confidence)
    if found.kind is not None:
        low, high = min(low, max(0.0, found.low)), max(high, min(1.0, found.high))
    return Estimate(share, low, high, n_examples, len(np.unique(seed)))


def clopper_pearson(share: float, n: int, confidence: float) -> tuple[float, float]:
    """Exact binomial limits of a share of n; of a mean over seeds, share times n need not be whole."""
    tail, k = (1 - confidence) / 2, share * n
    low = 0.0 if k <= 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k >= n else float(betaincinv(k + 1, n - k, 1 - tail))
    return low, high
