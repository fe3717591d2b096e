"""Average precision of a ranking, and its exact moments when it is random which items are relevant."""

from functools import cache

import numpy as np

from attnexplain.metrics.ragged import Bools, Floats


def average_precision(scores: Floats, relevant: Bools) -> Floats:
    """Sum over thresholds of (recall gained) x (precision); scores, relevant (B, n) -> (B,).

    Tied scores are one threshold, as in scikit-learn's `average_precision_score`. Every row needs a relevant item.
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    ordered, hits = np.take_along_axis(scores, order, 1), np.take_along_axis(relevant, order, 1)
    places = np.arange(scores.shape[1])
    last = np.ones(scores.shape, bool)  # the last place of a group of tied scores
    np.not_equal(ordered[:, 1:], ordered[:, :-1], out=last[:, :-1])
    group_end = np.minimum.accumulate(np.where(last, places, scores.shape[1])[:, ::-1], axis=1)[:, ::-1]
    precision = np.take_along_axis(hits.cumsum(axis=1) / (places + 1), group_end, 1)
    return np.asarray((precision * hits).sum(axis=1) / hits.sum(axis=1))


def null_moments(scores: Floats, relevant: Bools) -> Floats:
    """Moments (B, 2) of average precision, mean and standard deviation, if other items were relevant, as many.

    scores, relevant (B, n): every choice of so many relevant items is equally likely, and the scores keep their ties.
    """
    counts = relevant.sum(axis=1).tolist()
    rows = zip(scores, counts, strict=True)
    found = [tied_moments(_group_sizes(row), count) for row, count in rows]
    return np.array(found).reshape(len(counts), 2)


def _group_sizes(scores: Floats) -> tuple[int, ...]:
    """How many items share each score, from the highest down."""
    return tuple(np.unique(-scores, return_counts=True)[1].tolist())


@cache
def tied_moments(sizes: tuple[int, ...], relevant: int) -> tuple[float, float]:
    """Mean and standard deviation of average precision over all choices of 1 <= `relevant` <= n items, n = sum(sizes),
    of a ranking whose groups of tied items have these `sizes`, the best first.

    With x_a = 1 for a relevant item, AP = 1/R sum_{a,b} W_ab x_a x_b, where W_ab = 1 / n_b for the n_b items a that are
    no lower than the group of b. Of a product of x over m distinct items the mean is R..(R-m+1) / n..(n-m+1), so the
    moments are sums of W over its places by how many distinct items they name.
    """
    n = sum(sizes)
    if len(sizes) == n:
        return random_moments(n, relevant)
    if n == relevant:
        return 1.0, 0.0
    ends = np.repeat(np.cumsum(sizes), sizes)  # n_b
    pairs = (np.arange(n)[:, None] < ends) / ends
    alone = pairs.diagonal().copy()
    np.fill_diagonal(pairs, 0.0)
    once, twice, thrice, four = _joint(n, relevant)
    either = pairs.sum(axis=0) + pairs.sum(axis=1)
    total, with_alone = float(pairs.sum()), float(alone @ either)
    equal = float((pairs * (pairs + pairs.T)).sum())
    sharing = float((either**2).sum()) - 2.0 * equal
    mean = once * alone.sum() + twice * total
    second = once * (alone**2).sum() + twice * (alone.sum() ** 2 - (alone**2).sum() + 2.0 * with_alone + equal)
    second += thrice * (2.0 * (alone.sum() * total - with_alone) + sharing) + four * (total**2 - sharing - equal)
    return float(mean / relevant), float(np.sqrt(max(0.0, second - mean**2)) / relevant)


def _joint(n: int, relevant: int) -> tuple[float, ...]:
    """Probability that 1, 2, 3, 4 given distinct items of n are all relevant."""
    probability = [1.0]
    for m in range(4):
        probability.append(probability[-1] * (relevant - m) / (n - m) if m < n else 0.0)
    return tuple(probability[1:])


@cache
def random_moments(n: int, relevant: int) -> tuple[float, float]:
    """Mean and standard deviation of average precision over all rankings of n items without ties, 1 <= relevant <= n.

    With r = (R - 1) / (n - 1) and H_n the harmonic number, the mean is r + H_n / n (1 - r). The second moment is
    that of a sum over single places and pairs of places: AP = 1/R sum_k X_k / k (1 + sum_{j<k} X_j), where X_k says
    that place k holds a relevant item and any m distinct places do so with probability R..(R-m+1) / n..(n-m+1).
    """
    if n == relevant:
        return 1.0, 0.0
    ratio, harmonic = (relevant - 1) / (n - 1), _sums(n)[0]
    mean = ratio + harmonic / n * (1 - ratio)
    second = sum(p * weight for p, weight in zip(_joint(n, relevant), _second_moment_weights(n), strict=True))
    return mean, float(np.sqrt(max(0.0, second / relevant**2 - mean**2)))


@cache
def _second_moment_weights(n: int) -> tuple[float, float, float, float]:
    """Weights of the joint probabilities of 1, 2, 3, 4 distinct places in E[(R AP)^2]."""
    harmonic, squares, pairs, pair_squares, pair_triples, shared_low, chained = _sums(n)
    two_equal = harmonic**2 - squares  # sum over k != l of 1/(kl)
    # Single times pair (j < k, weight 1/k): the single place is k, or j, or a third one.
    single_low = two_equal / 2
    single_third = harmonic * pairs - pair_squares - single_low
    # Pair times pair: equal, sharing one place (k = l, j = i, or the upper of one the lower of the other), disjoint.
    sharing = pair_triples + shared_low + 2 * chained
    disjoint = pairs**2 - pair_squares - sharing
    return (
        squares,
        two_equal + 2 * (pair_squares + single_low) + pair_squares,
        2 * single_third + sharing,
        disjoint,
    )


@cache
def _sums(n: int) -> tuple[float, ...]:
    k = np.arange(1, n + 1, dtype=np.float64)
    above = np.cumsum((1 / k)[::-1])[::-1] - 1 / k  # sum over l > k of 1/l
    above_squares = np.cumsum((1 / k**2)[::-1])[::-1] - 1 / k**2
    return (
        float((1 / k).sum()),  # harmonic number
        float((1 / k**2).sum()),
        float(((k - 1) / k).sum()),  # pairs j < k, weight 1/k
        float(((k - 1) / k**2).sum()),  # a pair with itself, 1/k^2
        float(((k - 1) * (k - 2) / k**2).sum()),  # pairs (j, k), (i, k) with i != j
        float((above**2 - above_squares).sum()),  # pairs (j, k), (j, l) with k != l
        float(((k - 1) / k * above).sum()),  # pairs (j, k), (k, l)
    )
