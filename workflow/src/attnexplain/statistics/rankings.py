"""Rankings, how far two of them agree, and how far one holds when what it ranks by is resampled.

A ranking is made of scores (1 + resamples, items), the observed ones first, the best the highest; NaN where there is
none. Two are compared over the items that both rank, by Kendall's tau-b (Kendall 1945). Where an item with an observed
score has none in a resample, all that is said of that resample is NaN.
"""

from functools import cache
from itertools import permutations
from math import factorial

import numpy as np
import numpy.typing as npt

from attnexplain.metrics.kendall import kendall
from attnexplain.metrics.ragged import Floats

Bools = npt.NDArray[np.bool_]
Signs = npt.NDArray[np.float32]
ENUMERATED = 8  # items: 8! = 40,320 permutations
_DIGITS = 12


def settled(scores: Floats) -> Floats:
    """Scores without their last digits: what differs by less than 1e-12 of the largest is a tie, however it was summed.

    Rows that lack an item which the first row has are NaN.
    """
    known = np.flatnonzero(~np.isnan(scores[0]))
    largest = float(np.abs(scores[0][known]).max(initial=0.0))
    rounded = np.round(scores / largest, _DIGITS) if largest > 0 else scores
    complete = np.asarray(~np.isnan(scores[:, known]).any(axis=1))
    return np.where(complete[:, None], rounded, np.nan)


def signs(scores: Floats) -> Signs:
    """Of each pair of items (rows, pairs) 1 where the first is ahead, -1 where the second is, 0 where tied or unknown.

    `scores` are settled.
    """
    first, second = np.triu_indices(scores.shape[1], 1)
    found = np.sign(scores[:, first] - scores[:, second]).astype(np.float32)
    found[:, ~ranked_pairs(scores)] = np.where(np.isnan(scores).all(axis=1), np.nan, 0.0)[:, None]
    return found


def ranked_pairs(scores: Floats) -> Bools:
    """Pairs of items (pairs,) that are both ranked."""
    known = ~np.isnan(scores[0])
    first, second = np.triu_indices(len(known), 1)
    return np.asarray(known[first] & known[second])


def taus(found: Signs, pairs: Bools) -> Floats:
    """tau-b (rows, K, K) between each two of K rankings, over the items that both rank.

    `found` (K, rows, P): the `signs` of each; `pairs` (K, P): its `ranked_pairs`. NaN where a ranking has no order.
    """
    by_row = np.ascontiguousarray(np.moveaxis(found, 0, 1))  # (rows, K, P)
    surplus = (by_row @ by_row.transpose(0, 2, 1)).astype(np.float64)
    untied = ((by_row**2) @ pairs.T.astype(np.float32)).astype(np.float64)  # of the row's, among the column's pairs
    size = np.sqrt(untied * untied.transpose(0, 2, 1))
    return np.asarray(np.divide(surplus, size, out=np.full(size.shape, np.nan), where=size > 0))


def taus_with_observed(found: Signs) -> Floats:
    """tau-b (rows - 1,) of every resampled ranking with the observed one; `found` (rows, P) are the `signs` of one."""
    surplus = (found[1:] @ found[0]).astype(np.float64)
    size = np.sqrt((found[1:] ** 2).sum(axis=1, dtype=np.float64) * (found[0] ** 2).sum(dtype=np.float64))
    return np.asarray(np.divide(surplus, size, out=np.full(size.shape, np.nan), where=size > 0))


def ranks(scores: Floats) -> Floats:
    """Rank of each item (rows, items), the best 1; tied items share their mean rank. `scores` are settled."""
    ahead = (scores[:, None, :] > scores[:, :, None]).sum(axis=2)
    level = (scores[:, None, :] == scores[:, :, None]).sum(axis=2)  # itself included
    return np.where(np.isnan(scores), np.nan, ahead + (level + 1) / 2)


def first_shares(scores: Floats) -> Floats:
    """Share of the rows in which each item (items,) is first; where several tie for it, each has its part of one."""
    whole = scores[~np.isnan(scores).all(axis=1)]
    best = whole == np.nanmax(whole, axis=1, keepdims=True)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def neighbours_hold(scores: Floats) -> Bools:
    """Whether two items next to each other in the observed ranking are in that order (rows with scores - 1, pairs).

    Items in the order of the observed scores, equal ones in the order they stand in.
    """
    order = np.argsort(-scores[0], kind="stable")[: int((~np.isnan(scores[0])).sum())]
    steps = np.sign(np.diff(scores[~np.isnan(scores).all(axis=1)][:, order], axis=1))
    return np.asarray(steps[1:] == steps[0])


def p_value(x: Floats, y: Floats) -> tuple[float, float]:
    """Two-sided p of tau-b between x and y (n,), and the least that any order of n such items could give.

    Exact: of all orders of y, the share with a tau at least as far from 0. With ties and more than `ENUMERATED` items
    p is the normal approximation (Kendall 1970), and the least is not known (NaN).
    """
    n = len(x)
    if len(np.unique(x)) == n == len(np.unique(y)):
        _, p, _ = kendall(x[None], y[None], np.array([n]))
        return float(p[0]), min(1.0, 2 / factorial(n))
    if n > ENUMERATED:
        _, p, _ = kendall(x[None], y[None], np.array([n]))
        return float(p[0]), float("nan")
    first, second = np.triu_indices(n, 1)
    order = _orders(n)
    signs_y = np.sign(y[order[:, first]] - y[order[:, second]])
    surplus = np.abs(signs_y @ np.sign(x[first] - x[second]))
    return float((surplus >= surplus[0]).mean()), float((surplus == surplus.max()).mean())


@cache
def _orders(n: int) -> npt.NDArray[np.int64]:
    """All orders of n items (n!, n), the given one first."""
    return np.array(list(permutations(range(n))))
