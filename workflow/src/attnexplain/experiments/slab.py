"""Attention that leaves a prediction nearly alone: the simplex cut by a slab, and its extreme points.

A logit linear in the attention, z = a . v + b, stays within epsilon of its probability exactly where a . v lies in an
interval: a slab. The part of the simplex inside has as vertices single tokens with v in the interval, and pairs of
tokens mixed so that a . v is one of its ends. docs/adversary.md has the proof. Everything here is float64 and of the
real tokens alone.
"""

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Interval = tuple[float, float]

LN2 = float(np.log(2.0))
BISECTIONS = 100  # of an interval of float64, to its last digit
FARTHEST = 1e12  # mu beyond which all mass is at the greatest v


def positive(logits: Any) -> Floats:
    """The sigmoid, of full relative precision at either end."""
    small = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0, 1.0, small) / (1.0 + small))


def log_ratio(numerator: Any, denominator: Any) -> Floats:
    """log(numerator / denominator), infinite where either is not positive: that side is open."""
    above, below = (np.where(np.asarray(part) > 0, part, 1.0) for part in (numerator, denominator))
    ratio = np.where(np.asarray(denominator) > 0, np.log(above) - np.log(below), np.inf)
    return np.where(np.asarray(numerator) > 0, ratio, -np.inf)


def slab(z: Any, bias: Any, p: Any, q: Any, epsilon: float) -> tuple[Any, Any]:
    """Ends of a . v between which log(p'/q') can lie when p and q change by epsilon at most; of one text or of many.

    `z` = a . v + bias is the learned log(p/q). For a binary output (q = 1 - p) the interval is exact; for two classes
    of several it is necessary. A side on which p or q leaves 0 is open. z itself is always inside.
    """
    low, high = log_ratio(p - epsilon, q + epsilon), log_ratio(p + epsilon, q - epsilon)
    return np.minimum(low, z) - bias, np.maximum(high, z) - bias


def jensen_shannon(a: Floats, b: Floats) -> Floats:
    """JSD in nats of distributions (..., L), broadcast against each other; (...), in [0, ln 2]."""
    return np.asarray(_bounded(_share(a, b).sum(axis=-1)))


def jensen_shannon_on(learned: Floats, held: Floats) -> Floats:
    """JSD in nats to attention that holds `held` (..., K) on K tokens and nothing elsewhere; (...).

    `learned` (..., K) is what the other attention has there; of any other token, half of that times ln 2 remains.
    """
    return np.asarray(_bounded(0.5 * LN2 * (1.0 - learned.sum(axis=-1)) + _share(learned, held).sum(axis=-1)))


def jensen_shannon_towards(learned: Floats, place: Floats) -> Floats:
    """JSD in nats from attention w to (1 - place) w + place e_t, with `learned` = w_t; of one shape (...)."""
    others = (1.0 - learned) * _share(np.ones_like(place), 1.0 - place)
    return np.asarray(_bounded(others + _share(learned, (1.0 - place) * learned + place)))


def nearest_to_uniform(v: Floats, interval: Interval) -> Floats:
    """The attention a (L,) of largest entropy with a . v in `interval`, which holds one; a_t ~ exp(mu v_t)."""
    if not len(v):
        return v.copy()
    # The end that uniform attention lies beyond; a . v rises with mu, from the least v to the greatest.
    end = float(np.clip(v.mean(), *interval))
    spread = float(np.abs(v - end).max())
    if end == v.mean() or spread == 0:
        return np.full(len(v), 1.0 / len(v))
    scaled = (v - end) / spread
    far = 1.0
    while far < FARTHEST and (_tilted(far * np.sign(end - v.mean()), scaled) @ scaled) * (end - v.mean()) < 0:
        far *= 2.0
    low, high = sorted((0.0, far * float(np.sign(end - v.mean()))))
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _tilted(middle, scaled) @ scaled < 0 else (low, middle)
    return _tilted(0.5 * (low + high), scaled)


def _tilted(mu: float, v: Floats) -> Floats:
    """exp(mu v_t), divided by its sum."""
    raised = np.exp(mu * v - (mu * v).max())
    return np.asarray(raised / raised.sum())


def least_mass(v: Floats, chosen: np.ndarray, interval: Interval) -> float:
    """Least sum of a over the `chosen` tokens (L,) bool, of attention with a . v in `interval`, which holds one; O(L).

    With `outside` the v of the others: 0 where they reach the interval; otherwise all the rest of the mass goes to the
    nearest of the others, and as little as it takes to the chosen token farthest beyond the end.
    """
    low, high = interval
    inside, outside = v[chosen], v[~chosen]
    if not len(inside):
        return 0.0
    if not len(outside):
        return 1.0
    if outside.max() < low:
        return float(np.clip((low - outside.max()) / (inside.max() - outside.max()), 0.0, 1.0))
    if outside.min() > high:
        return float(np.clip((outside.min() - high) / (outside.min() - inside.min()), 0.0, 1.0))
    return 0.0


def _share(a: Any, b: Any) -> Any:
    """What one token adds to the JSD: (a ln(2a / (a + b)) + b ln(2b / (a + b))) / 2, with 0 ln 0 = 0."""
    middle = 0.5 * (a + b)
    safe = np.where(middle > 0, middle, 1.0)
    return 0.5 * (_xlogx_over(a, safe) + _xlogx_over(b, safe))


def _xlogx_over(a: Any, middle: Any) -> Any:
    ratio = a / middle
    return a * np.log(np.where(ratio > 0, ratio, 1.0))


def _bounded(distance: Any) -> Any:
    """Rounding aside, a JSD is between 0 and ln 2."""
    return np.clip(distance, 0.0, LN2)
