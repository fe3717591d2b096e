"""Tests of a mean against a value, from the variance and degrees of freedom of its interval.

A test and an interval of one kind never contradict each other where the interval is mean -+ t sqrt(V): p <= 1 -
confidence where the value lies outside. (Percentiles of `crossed-bootstrap` are not symmetric; its test is the normal
one with the bootstrap's variance.)
"""

import numpy as np
from scipy.special import ndtr, stdtr

from attnexplain.statistics.intervals.base import Interval


def t_test(distance: float, limits: Interval) -> float:
    """Two-sided p-value of a mean that lies `distance` from the value it has under the null hypothesis."""
    return min(1.0, 2 * _tail(abs(distance), limits))


def equivalence_test(distance: float, margin: float, limits: Interval) -> float:
    """p-value of two one-sided tests: the null hypothesis is that the true distance is `margin` or more.

    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15: the larger of the two one-sided p-values.
    """
    return _tail(margin - abs(distance), limits)


def _tail(distance: float, limits: Interval) -> float:
    """P(T sqrt(V) >= distance); without variance 0 beyond, 1 below, 1/2 at the distance itself."""
    if limits.variance == 0:
        return 0.5 - 0.5 * float(np.sign(distance))
    t = -distance / float(np.sqrt(limits.variance))
    return float(ndtr(t) if np.isinf(limits.df) else stdtr(limits.df, t))
