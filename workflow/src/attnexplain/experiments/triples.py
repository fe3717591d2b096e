"""Three classes, linear decoder: an upper bound on the divergence, from a polygon around all admissible predictions.

Predictions within epsilon (total variation) of y are a hexagon in the plane of probabilities. In the plane of log
ratios, where a prediction is linear in the attention, it lies inside a convex polygon whose sides are known in closed
form; the divergence over attention inside the polygon is largest at a single token, at a pair of tokens on a side, or
at three tokens that mix to a corner. docs/adversary.md states and proves all of it.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations
from typing import Any

import numpy as np

from attnexplain.experiments.farthest import farthest_of_all
from attnexplain.experiments.readout import log_softmax
from attnexplain.experiments.slab import Floats, jensen_shannon_on

LONGEST = 64  # tokens; there are O(L^3) triples: 41,664 of 64
TOUCHED = 12  # points of each curved side of the hexagon whose tangents are taken
PARALLEL = 1e-9  # directions nearer to each other than this count as one
ROUNDING = 1e-12  # what is outside by so little counts as inside, which can only raise the bound

Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Polygon:
    """{x : normals . x <= heights}, with x = (log(p_0 / p_2), log(p_1 / p_2)) less the same of y; perhaps unbounded.

    Shapes: normals (M, 2), of length 1 and by rising angle; heights (M,); corners (M, 2), where each side ends and the
    next begins, NaN where it never ends.
    """

    normals: Floats
    heights: Floats
    corners: Floats


def polygon(log_y: Floats, epsilon: float) -> Polygon:
    """The polygon around the predictions within `epsilon` of y, given as logarithms (3,)."""
    sides = [*_tangents(log_y, epsilon), *_chords(log_y, epsilon), *_ratios(log_y, epsilon)]
    normals = np.array([normal[:2] for normal, _ in sides]).reshape(-1, 2)
    length = np.hypot(*normals.T)
    normals, heights = normals / length[:, None], np.array([height for _, height in sides]) / length
    angles = np.arctan2(normals[:, 1], normals[:, 0])
    order = angles.argsort(kind="stable")
    # Any of the sides may be left out: what remains holds the predictions all the more.
    order = order[np.diff(angles[order], prepend=angles.max(initial=-np.inf) - 2 * np.pi) > PARALLEL]
    return Polygon(normals[order], heights[order], _corners(normals[order], heights[order]))


def farthest_within(weights: Floats, logits: Floats, epsilon: float) -> tuple[float, Floats]:
    """Largest JSD to `weights` (L,) of attention whose prediction lies in the polygon, and an attention that has it.

    `logits` (L, 3) are those of each token alone. O(L^3): of LONGEST tokens at most.
    """
    log_y = log_softmax(weights @ logits)
    sides = polygon(log_y, epsilon)
    centred = logits - logits[:, 2:] - (log_y - log_y[2])
    points = centred[:, :2]
    tokens = np.arange(len(weights))[_inside(points, sides)][:, None]
    found = [_best(weights, tokens, np.ones(tokens.shape))]
    found += [_best(weights, *_on_side(points, sides, side)) for side in range(len(sides.heights))]
    found += [_best(weights, *_on_corner(points, corner)) for corner in sides.corners if np.isfinite(corner).all()]
    distance, support, held = max(found, key=lambda one: one[0])
    if not len(support):  # only where rounding leaves nothing inside
        return farthest_of_all(weights)
    attention = np.zeros_like(weights)
    attention[support] = held
    return distance, attention


def _tangents(log_y: Floats, epsilon: float) -> list[tuple[Floats, float]]:
    """Normals (3,) and heights of tangents to p_b = y_b - epsilon, at points equally far apart once in the plane."""
    y, found = np.exp(log_y), []
    for b in range(3):
        a, c = (b + 1) % 3, (b + 2) % 3
        rest = y[a] + y[c] + epsilon
        if _vanishes(y[b], epsilon):
            continue
        ends = np.arcsin(np.sqrt(np.array([y[a], y[a] + epsilon]) / rest))
        for angle in np.linspace(ends[0], ends[1], TOUCHED):
            touched = np.zeros(3)
            touched[[a, b, c]] = rest * np.sin(angle) ** 2, y[b] - epsilon, rest * np.cos(angle) ** 2
            normal = touched - np.eye(3)[b]
            logs = np.log(np.where(touched > 0, touched, 1.0)) - np.where(touched > 0, log_y, 0.0)
            found.append((normal, float(normal @ logs)))
    return found


def _chords(log_y: Floats, epsilon: float) -> list[tuple[Floats, float]]:
    """The side through both ends of p_c = y_c + epsilon, which bends inwards."""
    y, found = np.exp(log_y), []
    for c in range(3):
        a, b = (c + 1) % 3, (c + 2) % 3
        if _vanishes(min(y[a], y[b]), epsilon):
            continue
        of_a, of_b = (float(log_y[one] - np.log(y[one] - epsilon)) for one in (a, b))
        normal = np.zeros(3)
        normal[[a, b, c]] = -of_b, -of_a, of_a + of_b
        found.append((normal, of_a * of_b + (of_a + of_b) * float(np.log(y[c] + epsilon) - log_y[c])))
    return found


def _ratios(log_y: Floats, epsilon: float) -> list[tuple[Floats, float]]:
    """p_s / p_t is largest where p_s = y_s + epsilon and p_t = y_t - epsilon."""
    y = np.exp(log_y)
    return [
        (np.eye(3)[s] - np.eye(3)[t], float(np.log(y[s] + epsilon) - log_y[s] - np.log(y[t] - epsilon) + log_y[t]))
        for s, t in permutations(range(3), 2)
        if not _vanishes(y[t], epsilon)
    ]


def _vanishes(probability: float, epsilon: float) -> bool:
    """Whether it can become 0, so that log ratios have no bound on that side."""
    return probability - epsilon <= ROUNDING


def _corners(normals: Floats, heights: Floats) -> Floats:
    """Where each side meets the next. All touch one convex set, so that no other two of them meet at a corner."""
    following, beyond = np.roll(normals, -1, axis=0), np.roll(heights, -1)
    turn = _cross(normals, following)  # positive where the next direction is less than half a turn away
    turn = np.where(turn > PARALLEL / 2, turn, np.nan)
    x = (heights * following[:, 1] - beyond * normals[:, 1]) / turn
    y = (normals[:, 0] * beyond - following[:, 0] * heights) / turn
    return np.stack([x, y], axis=1)


def _inside(points: Floats, sides: Polygon) -> Any:
    slack = ROUNDING * (1.0 + np.abs(points).max(initial=0.0))
    return (points @ sides.normals.T <= sides.heights + slack).all(axis=1)


def _on_side(points: Floats, sides: Polygon, side: int) -> tuple[Integers, Floats]:
    """Pairs of tokens (N, 2), and what each holds, that mix to a point on one side of the polygon."""
    normal = sides.normals[side]
    along = np.array([-normal[1], normal[0]])
    start, end = sides.corners[side - 1] @ along, sides.corners[side] @ along
    beyond = points @ normal - sides.heights[side]
    below, above = np.flatnonzero(beyond < 0), np.flatnonzero(beyond > 0)
    span = beyond[above] - beyond[below, None]
    lower, upper = beyond[above] / span, -beyond[below, None] / span
    place, slack = lower * (points @ along)[below, None] + upper * (points @ along)[above], ROUNDING
    slack *= 1.0 + np.abs(points).max(initial=0.0)
    kept = ~(place < start - slack) & ~(place > end + slack)  # NaN: it never ends
    i, j = np.nonzero(kept)
    return np.stack([below[i], above[j]], axis=1), np.stack([lower[kept], upper[kept]], axis=1)


def _on_corner(points: Floats, corner: Floats) -> tuple[Integers, Floats]:
    """Triples of tokens (N, 3), and what each holds, that mix to a corner."""
    shifted, triples = points - corner, _triples(len(points))
    areas = _cross(shifted[:, None], shifted[None])
    i, j, k = triples.T
    held = np.stack([areas[j, k], areas[k, i], areas[i, j]], axis=1)
    whole = held.sum(axis=1)
    slack = ROUNDING * np.abs(whole)
    around = (whole != 0) & (held * np.sign(whole)[:, None] >= -slack[:, None]).all(axis=1)
    held = np.clip(held[around] / whole[around, None], 0.0, None)
    return triples[around], held / held.sum(axis=1, keepdims=True)


def _best(weights: Floats, supports: Integers, held: Floats) -> tuple[float, Integers, Floats]:
    """The farthest of attentions that hold `held` (N, K) on the tokens `supports` (N, K), and nothing elsewhere."""
    if not len(supports):
        return -1.0, np.empty(0, np.int64), np.empty(0)
    distance = jensen_shannon_on(weights[supports], held)
    best = int(distance.argmax())
    return float(distance[best]), supports[best], held[best]


@cache
def _triples(length: int) -> Integers:
    """All triples of tokens (N, 3)."""
    return np.array(list(combinations(range(length), 3)), np.int64).reshape(-1, 3)


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
