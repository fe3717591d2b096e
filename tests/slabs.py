"""Small instances of attention over values, and the interval within which a prediction may move."""

import numpy as np

from attnexplain.experiments.slab import positive, slab


def instance(seed, length=None, scale=3.0, ties=False):
    random = np.random.default_rng(seed)
    length = int(random.integers(2, 12)) if length is None else length
    v = random.normal(0, scale, length)
    return random.dirichlet(np.full(length, 0.5)), v.round() if ties else v, float(random.normal())


def interval(weights, v, bias, epsilon):
    z = float(weights @ v) + bias
    return slab(z, bias, float(positive(z)), float(positive(-z)), epsilon)
