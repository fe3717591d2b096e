"""Tests of a mean against a value, from the variance and degrees of freedom of its interval.

p is the larger of two. The first is that of t = distance / sqrt(V) with the interval's degrees of freedom, so that a
test never finds what an interval of mean -+ t sqrt(V) does not show. (Percentiles of `crossed-bootstrap` are not
symmetric; its test is the normal one with the bootstrap's variance.) Satterthwaite's degrees of freedom are an
estimate: where by chance the seeds differ little they come out large, and p tiny. That hardly matters at .05, but
adjusting for a family reads the far tail, and of many true null hypotheses under two or three seeds Holm would reject
one far more often than it says. The second is the generalised p-value (Tsui & Weerahandi 1989, Journal of the
American Statistical Association 84), in which the seeds' part a of V never has more than its own nu degrees of
freedom, usually S - 1, and the rest b, known from many examples, counts as known:

    p = E 2 Phi(-|distance| / sqrt(a nu / X + b)),    X chi-squared with nu degrees of freedom;

Student's with nu degrees of freedom where b = 0.
"""

from functools import cache

import numpy as np
from scipy.special import gammaincinv, ndtr, stdtr

from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.intervals.base import Interval, Parts

_NODES = 64


def t_test(distance: float, limits: Interval) -> float:
    """Two-sided p-value of a mean that lies `distance` from the value it has under the null hypothesis."""
    return min(1.0, 2 * _tail(abs(distance), limits))


def equivalence_test(distance: float, margin: float, limits: Interval) -> float:
    """p-value of two one-sided tests: the null hypothesis is that the true distance is `margin` or more.

    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15: the larger of the two one-sided p-values.
    """
    return _tail(margin - abs(distance), limits)


def _tail(distance: float, limits: Interval) -> float:
    """The larger one-sided p-value; without variance 0 beyond, 1 below, 1/2 at the distance itself."""
    if limits.variance == 0:
        return 0.5 - 0.5 * float(np.sign(distance))
    t = -distance / float(np.sqrt(limits.variance))
    p_value = float(ndtr(t) if np.isinf(limits.df) else stdtr(limits.df, t))
    return p_value if limits.parts is None else max(p_value, _generalised(distance, limits.parts))


def _generalised(distance: float, parts: Parts) -> float:
    """The one-sided p-value by quadrature over X; relative error below 1e-4 where it is above 1e-12."""
    chi_squared, weights = _chi_squared(parts.df)
    variance = parts.seeds * parts.df / chi_squared + parts.rest
    return float(ndtr(-distance / np.sqrt(np.maximum(variance, np.finfo(float).tiny))) @ weights)


@cache
def _chi_squared(df: float) -> tuple[Floats, Floats]:
    """Quadrature over a chi-squared variable: places and weights."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    # Shares of the variable below them, dense near 0: there the variance is large, which is where the tail comes from.
    u = (nodes + 1) / 2
    return 2 * gammaincinv(df / 2, u**4), weights * 2 * u**3
