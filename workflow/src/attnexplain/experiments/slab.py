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
PAIRS_AT_ONCE = 1 << 18  # of long texts, so many pairs are held in memory


def positive(logits: Any) -> Floats:
    """The sigmoid, of full relative precision at either end."""
    small = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0, 1.0, small) / (1.0 + small))


def log_ratio(numerator: float, denominator: float) -> float:
    """log(numerator / denominator), infinite where either is not positive: that side is open."""
    if numerator <= 0:
        return -np.inf
    return np.inf if denominator <= 0 else float(np.log(numerator) - np.log(denominator))


def slab(z: float, bias: float, p: float, q: float, epsilon: float) -> Interval:
    """Ends of a . v between which log(p'/q') can lie when p and q change by epsilon at most.

    `z` = a . v + bias is the learned log(p/q). For a binary output (q = 1 - p) the interval is exact; for two classes
    of several it is necessary. A side on which p or q leaves 0 is open. z itself is always inside.
    """
    low, high = log_ratio(p - epsilon, q + epsilon), log_ratio(p + epsilon, q - epsilon)
    return min(low, z) - bias, max(high, z) - bias


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


def farthest(weights: Floats, v: Floats, interval: Interval) -> tuple[float, Floats]:
    """Largest JSD to `weights` (L,) over attention a with a . v in `interval`, and an attention that has it.

    `interval` holds weights . v, so there is one; O(L^2) time, memory bounded. The first of equals is taken.
    """
    low, high = interval
    best = (0.0, np.empty(0, np.int64), np.empty(0))  # JSD, tokens, what they hold
    inside = np.flatnonzero((v >= low) & (v <= high))
    if len(inside):
        least = inside[weights[inside].argmin()]
        best = (float(_single(weights[least])), np.array([least]), np.ones(1))
    for bound in (low, high):
        if np.isfinite(bound):
            found = _farthest_pair(weights, v, bound)
            best = found if found[0] > best[0] else best
    attention = np.zeros_like(weights)
    attention[best[1]] = best[2]
    return (best[0], attention) if len(best[1]) else (0.0, weights.copy())


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


def _farthest_pair(weights: Floats, v: Floats, bound: float) -> tuple[float, np.ndarray, Floats]:
    """The best mixture of two tokens, one on either side of `bound`, with a . v = bound."""
    below, above = np.flatnonzero(v < bound), np.flatnonzero(v > bound)
    best = (0.0, np.empty(0, np.int64), np.empty(0))
    if not len(above):
        return best
    rows = max(1, PAIRS_AT_ONCE // len(above))
    for start in range(0, len(below), rows):
        some = below[start : start + rows, None]
        # Each share from its own difference: both keep full precision near 0.
        span = v[above] - v[some]
        upper, lower = (bound - v[some]) / span, (v[above] - bound) / span
        distance = _pair(weights[some], weights[above], lower, upper)
        i, j = np.unravel_index(distance.argmax(), distance.shape)
        if distance[i, j] > best[0]:
            tokens = np.array([some[i, 0], above[j]])
            best = (float(distance[i, j]), tokens, np.array([lower[i, j], upper[i, j]]))
    return best


def _single(weight: Floats) -> Any:
    """JSD to an attention of one token alone, whose learned weight is given."""
    return _bounded(0.5 * LN2 * (1.0 - weight) + _share(weight, np.float64(1.0)))


def _pair(a: Floats, b: Floats, held_a: Floats, held_b: Floats) -> Any:
    """JSD to an attention of two tokens alone: of any other token t, weights_t ln(2) / 2 remains."""
    return _bounded(0.5 * LN2 * (1.0 - a - b) + _share(a, held_a) + _share(b, held_b))


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
