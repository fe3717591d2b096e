"""The frontier of trained adversaries: how far must predictions move for attention to be so far away, and its area.

An adversary k has a mean distance t_k to the predictions of its base and a mean divergence d_k from its attention (the
two axes of Wiegreffe and Pinter 2019, figure 5). Whoever wants a divergence of x at least may also take for each text
one of several adversaries by lot, or leave the base alone, (0, 0); so what x costs is

    f(x) = min sum_k w_k t_k   over w >= 0 with sum_k w_k <= 1 and sum_k w_k d_k >= x,

the lower convex hull of the points and the origin: piecewise linear, convex, rising from f(0) = 0. An adversary above
the hull changes nothing, so the value of lambda that failed to train does no harm, and a finer grid of lambdas can only
lower f. The area is the mean of f over divergences from 0 to `to`,

    A = 1/to integral_0^to f(x) dx,

in units of probability: of a straight line it is half of f(to). High where attention is hard to manipulate, 0 where
another attention costs nothing; there is none where no adversary gets as far as `to`.

A is a function of means over texts and seeds. Its derivatives by the points are exact while the hull keeps its corners:
with h_k the hat function of corner k (1 there, linear to 0 at its neighbours), dA/dt_k = 1/to integral h_k and
dA/dd_k = -1/to integral f' h_k, so that the values of `linearised` have the mean A and, to first order, vary over texts
and seeds as A does (the delete-one jackknife's pseudo-values, without their rounding; Efron & Tibshirani 1993, chapter
11): the study's kind of interval applies to them.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from attnexplain.metrics.ragged import Bools, Floats


@dataclass(frozen=True)
class Area:
    """The area (NaN: not reached) and its derivatives by each adversary's mean distance and divergence, (K,) each."""

    value: float
    by_tvd: Floats
    by_jsd: Floats


def corners(jsd: Floats, tvd: Floats) -> list[int]:
    """The adversaries (of K points) that are corners of the frontier, by divergence; the origin is one before them."""
    found: list[int] = []
    x = y = 0.0
    while (ahead := np.flatnonzero(jsd > x)).size:
        slopes = (tvd[ahead] - y) / (jsd[ahead] - x)
        # Of several on one line the farthest: the others are no corners.
        best = int(ahead[np.lexsort((-jsd[ahead], slopes))[0]])
        found.append(best)
        x, y = float(jsd[best]), float(tvd[best])
    return found


def area(jsd: Floats, tvd: Floats, to: float) -> Area:
    """The area below the frontier of K adversaries, from divergence 0 to `to`."""
    by_tvd, by_jsd = np.zeros(len(jsd) + 1), np.zeros(len(jsd) + 1)
    if not len(jsd) or jsd.max() < to:
        return Area(float("nan"), by_tvd[1:], by_jsd[1:])
    x, y = np.append(0.0, jsd), np.append(0.0, tvd)  # the origin is point 0
    path = [0, *(place + 1 for place in corners(jsd, tvd))]
    total = 0.0
    for a, b in pairwise(path):
        width, slope = x[b] - x[a], (y[b] - y[a]) / (x[b] - x[a])
        part = max(0.0, min(to, x[b]) - x[a])  # how much of the segment counts
        right = part**2 / (2 * width)  # integrals of the hats of both ends
        left = part - right
        total += y[a] * left + y[b] * right
        by_tvd[[a, b]] += left, right
        by_jsd[[a, b]] -= slope * left, slope * right
    return Area(float(total / to), by_tvd[1:] / to, by_jsd[1:] / to)


def pooled(jsd: Floats, tvd: Floats) -> Bools:
    """Which texts of which seeds (S, N) count in points of jsd and tvd (K, S, N): those that every adversary has."""
    return np.asarray(~(np.isnan(jsd) | np.isnan(tvd)).any(axis=0))


def linearised(jsd: Floats, tvd: Floats, to: float) -> Floats:
    """Values (S, N) whose mean is the area of the K mean points of jsd and tvd (K, S, N), which pool the seeds.

    NaN where any adversary has no value, which leaves that text of that seed out of every point; all NaN without an
    area.
    """
    used = pooled(jsd, tvd)
    values = np.full(used.shape, np.nan)
    if not used.any():
        return values
    points = jsd[:, used], tvd[:, used]  # (K, M) each
    divergence, distance = (own.mean(axis=1) for own in points)
    found = area(divergence, distance, to)
    by_jsd = found.by_jsd @ (points[0] - divergence[:, None])
    values[used] = found.value + by_jsd + found.by_tvd @ (points[1] - distance[:, None])
    return values
