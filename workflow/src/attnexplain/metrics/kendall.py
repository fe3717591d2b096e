"""Kendall's tau-b with its p-value for many pairs of score lists at once.

Equal to `scipy.stats.kendalltau(x, y)` (method "auto") up to rounding. The order of each pair of positions
is compared for a whole batch of lists at a time, so the cost per list is quadratic in its length but
vectorised; above `LONG` positions scipy's O(n log n) algorithm is the faster one and is called instead.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from attnexplain.metrics.ragged import Floats, Integers

LONG = 512
EXACT_UP_TO = 33  # scipy's rule: without ties, exact p up to this length


@dataclass(frozen=True)
class Ties:
    """Sums over the groups of tied values of each list, t the size of a group; (B,) each.

    pairs: sum t(t-1)/2; cubes: sum t(t-1)(t-2); spread: sum t(t-1)(2t+5).
    """

    pairs: Floats
    cubes: Floats
    spread: Floats


def kendall(x: Floats, y: Floats, n: Integers) -> tuple[Floats, Floats, Floats]:
    """tau-b, two-sided p and the standard deviation of tau over all permutations of y; each (B,).

    x, y (B, T) are padded right with NaN beyond `n` (B,) >= 1 positions and hold no other NaN.
    All three are NaN where either list is constant (one position included). The standard deviation is exact
    given both tie patterns (Kendall 1970, Rank Correlation Methods, chapter 4); the mean over permutations is 0.
    """
    pairs, ties_x, ties_y = n * (n - 1) // 2, tie_sums(x), tie_sums(y)
    with np.errstate(divide="ignore", invalid="ignore"):
        std = np.sqrt(_variance(n, ties_x, ties_y)) / np.sqrt(pairs - ties_x.pairs) / np.sqrt(pairs - ties_y.pairs)
    defined = (ties_x.pairs < pairs) & (ties_y.pairs < pairs)
    tau, p_value = np.full(len(n), np.nan), np.full(len(n), np.nan)
    for rows, compute in ((defined & (n <= LONG), _short), (defined & (n > LONG), _long)):
        if rows.any():
            few_x, few_y = _take(ties_x, rows), _take(ties_y, rows)
            tau[rows], p_value[rows] = compute(x[rows], y[rows], n[rows], few_x, few_y)
    return tau, p_value, np.where(defined, std, np.nan)


def tie_sums(x: Floats) -> Ties:
    """Sums over the tie groups of each row of x (B, T); NaN equals nothing, so padding adds nothing."""
    ordered = np.sort(x, axis=1)
    new = np.ones(x.shape, bool)
    np.not_equal(ordered[:, 1:], ordered[:, :-1], out=new[:, 1:])
    sums, tied = np.zeros((3, len(x))), np.flatnonzero(np.any(~new, axis=1))
    starts = np.flatnonzero(new[tied])
    size = np.diff(np.append(starts, len(tied) * x.shape[1])).astype(np.float64)
    row = starts // max(1, x.shape[1])
    for total, term in zip(sums, (np.full(len(size), 0.5), size - 2, 2 * size + 5), strict=True):
        total[tied] = np.bincount(row, size * (size - 1) * term, minlength=len(tied))
    return Ties(*sums)


def _short(x: Floats, y: Floats, n: Integers, ties_x: Ties, ties_y: Ties) -> tuple[Floats, Floats]:
    pairs, tied = n * (n - 1) // 2, (ties_x.pairs + ties_y.pairs) > 0
    surplus = np.empty(len(n))  # concordant minus discordant pairs
    surplus[~tied] = pairs[~tied] - 2 * _opposed(x[~tied], y[~tied])
    surplus[tied] = _surplus_with_ties(x[tied], y[tied])
    tau = np.clip(surplus / np.sqrt(pairs - ties_x.pairs) / np.sqrt(pairs - ties_y.pairs), -1, 1)
    p_value = 2 * ndtr(-np.abs(surplus / np.sqrt(_variance(n, ties_x, ties_y))))
    fewer = ((pairs - np.abs(surplus)) // 2).astype(np.int64)  # the smaller of concordant and discordant, no ties
    for length in np.unique(n[~tied & ((n <= EXACT_UP_TO) | (fewer <= 1))]):
        rows = ~tied & (n == length) & (fewer < len(exact_p(int(length))))
        p_value[rows] = exact_p(int(length))[fewer[rows]]
    return tau, p_value


def _long(x: Floats, y: Floats, n: Integers, ties_x: Ties, ties_y: Ties) -> tuple[Floats, Floats]:
    from scipy.stats import kendalltau  # a second to import, needed by long texts alone

    results = [kendalltau(a[:length], b[:length]) for a, b, length in zip(x, y, n, strict=True)]
    return np.array([result.statistic for result in results]), np.array([result.pvalue for result in results])


def _opposed(x: Floats, y: Floats) -> Integers:
    """Pairs of positions i < j with [x_j > x_i] != [y_j > y_i], per row of x, y (B, T); NaN is never greater."""
    across_x, across_y = np.ascontiguousarray(x.T), np.ascontiguousarray(y.T)  # batch last: long inner loops
    count, above_x, above_y = np.zeros(len(x), np.int64), np.empty(across_x.shape, bool), np.empty(across_x.shape, bool)
    for i in range(len(across_x) - 1 if len(x) else 0):
        later_x = np.greater(across_x[i + 1 :], across_x[i], out=above_x[i + 1 :])
        later_y = np.greater(across_y[i + 1 :], across_y[i], out=above_y[i + 1 :])
        differ = np.not_equal(later_x, later_y, out=later_x).view(np.uint8)
        for start in range(0, len(differ), 255):  # a byte holds sums of 255 comparisons, and bytes add fastest
            count += np.add.reduce(differ[start : start + 255], axis=0, dtype=np.uint8)
    return count


def _surplus_with_ties(x: Floats, y: Floats) -> Floats:
    # Each pair opposed in one direction of x against y is counted twice, each pair tied in one list once on
    # either side: the difference is twice (concordant - discordant).
    return np.asarray((_opposed(x, -y) + _opposed(-x, y) - _opposed(x, y) - _opposed(-x, -y)) / 2)


def _variance(n: Integers, x: Ties, y: Ties) -> Floats:
    """Variance of concordant minus discordant pairs over all permutations, given the ties."""
    m = n * (n - 1.0)
    third = x.cubes * y.cubes / (9 * m * np.maximum(n - 2, 1))  # the cubes are 0 at n = 2
    return np.asarray((m * (2 * n + 5) - x.spread - y.spread) / 18 + 2 * x.pairs * y.pairs / m + third)


@cache
def exact_p(n: int) -> npt.NDArray[np.float64]:
    """Two-sided p by the smaller of concordant and discordant pairs, without ties (Kendall 1970, chapter 5).

    Above `EXACT_UP_TO` positions the table holds the two extreme counts that scipy still treats exactly.
    """
    if n > EXACT_UP_TO:
        return np.array([2.0 / math.factorial(k) if k < 171 else 0.0 for k in (n, n - 1)])
    half = n * (n - 1) // 4
    count = np.zeros(half + 1)  # permutations with so many inversions
    count[:2] = 1
    for length in range(3, n + 1):
        count = np.cumsum(count)
        count[length:] -= count[: max(0, half + 1 - length)].copy()
    p_value = np.minimum(1.0, 2.0 * np.cumsum(count) / math.factorial(n))
    return np.where(4 * np.arange(half + 1) == n * (n - 1), 1.0, p_value)


def _take(ties: Ties, rows: npt.NDArray[np.bool_]) -> Ties:
    return Ties(ties.pairs[rows], ties.cubes[rows], ties.spread[rows])
