"""Small instances of attention over values, and the interval within which a prediction may move."""

import numpy as np

from attnexplain.experiments.slab import positive, slab


def instance(seed, length=None, scale=3.0, ties=False, sparse=False):
    """Weights (L,), v (L,) and a bias; `sparse`: only the largest weights are left, one in three or so."""
    random = np.random.default_rng(seed)
    length = int(random.integers(2, 12)) if length is None else length
    v = random.normal(0, scale, length)
    weights, bias = random.dirichlet(np.full(length, 0.5)), float(random.normal())
    if sparse:
        weights = np.where(weights >= np.sort(weights)[-(1 + length // 4)], weights, 0.0)
    return weights / weights.sum(), v.round() if ties else v, bias


def interval(weights, v, bias, epsilon):
    z = float(weights @ v) + bias
    return slab(z, bias, float(positive(z)), float(positive(-z)), epsilon)
