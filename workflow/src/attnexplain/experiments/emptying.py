"""From attention on many tokens to attention on few: the prediction held, the divergence rising.

In each step weights move where the divergence rises most among the directions that leave the log ratios of the
prediction alone to first order, each token in proportion to its weight (affine scaling), so far that some tokens are
emptied; then the prediction is brought back by Newton's method. The divergence is convex, so with a linear decoder it
rises all the way, and ends where no more tokens hold attention than there are classes.
"""

from typing import Any

import numpy as np

from attnexplain.experiments.readout import Readout, log_softmax
from attnexplain.experiments.slab import Floats, jensen_shannon

STRIDES = (0.25, 1.0, 4.0, 16.0)  # of a step; 1 empties the first token
CORRECTIONS = 2
STEPS = 60
GAIN = 1e-6  # a step that gains less is the last
EMPTY = 1e-12  # a weight so small counts as none


def emptied(weights: Floats, readout: Readout, epsilon: float, first: Floats) -> Floats:
    """Attention (R, L), each within `epsilon` of the prediction of `weights` (L,) and no nearer to it than that.

    All start at `weights`, where no direction is the steepest; they part by `first` (R, L).
    """
    log_y = log_softmax(readout.logits(weights @ readout.parts))
    held = np.broadcast_to(weights, first.shape).copy()
    far, active = np.zeros(len(first)), np.ones(len(first), bool)
    for step in range(STEPS):
        if not active.any():
            break
        upwards = first[active] if step == 0 else _gradient(held[active], weights)
        tried = _strides(held[active], _level(upwards, held[active], readout))
        for _ in range(CORRECTIONS):
            tried = _corrected(tried, readout, log_y)
        reached = np.where(_moved(tried, readout, log_y) <= epsilon, jensen_shannon(tried, weights), -1.0)
        best = reached.argmax(axis=1)
        rows, reached = np.arange(len(best)), reached.max(axis=1)
        places = np.flatnonzero(active)
        better = reached > far[places] + GAIN
        held[places[better]] = tried[rows, best][better]
        far[places[better]] = reached[better]
        active[places[~better]] = False
    return held


def _gradient(held: Floats, weights: Floats) -> Floats:
    """Of the divergence by the weights (R, L); a token without weight stays as it is, so any number will do there."""
    ratio = 2.0 * held / np.where(held > 0, held + weights, 1.0)
    return np.asarray(0.5 * np.log(np.where(held > 0, ratio, 1.0)))


def _rows(held: Floats, readout: Readout) -> Floats:
    """What leaves the sum of the weights (..., L), and all log ratios, alone: derivatives (..., C, L)."""
    slopes = np.swapaxes(readout.slopes(held @ readout.parts, readout.parts), -1, -2)
    return np.concatenate(
        [slopes[..., :-1, :] - slopes[..., -1:, :], np.ones((*held.shape[:-1], 1, held.shape[-1]))], -2
    )


def _level(upwards: Floats, held: Floats, readout: Readout) -> Floats:
    """The direction (R, L) nearest to `upwards`, weighted by `held`, along which nothing of `_rows` changes."""
    rows = _rows(held, readout)
    scaled = rows * held[..., None, :]
    shares = _solved(scaled @ np.swapaxes(rows, -1, -2), scaled @ upwards[..., None])
    return np.asarray(held * (upwards - (np.swapaxes(rows, -1, -2) @ shares)[..., 0]))


def _strides(held: Floats, direction: Floats) -> Floats:
    """Some way along a direction (R, L), no weight below 0: (R, S, L)."""
    falling = np.where(held > 0, -direction / np.where(held > 0, held, 1.0), 0.0).max(axis=-1)
    reach = 1.0 / np.where(falling > 0, falling, np.inf)
    moved = held[:, None] + np.array(STRIDES)[:, None] * (reach[:, None] * direction)[:, None]
    return _cleared(moved)


def _corrected(held: Floats, readout: Readout, log_y: Floats) -> Floats:
    """A step of Newton's method (..., L) back to the prediction, each token in proportion to its weight."""
    rows = _rows(held, readout)
    gap = log_y - readout.logits(held @ readout.parts)
    gap = np.concatenate([gap[..., :-1] - gap[..., -1:], np.zeros((*gap.shape[:-1], 1))], axis=-1)
    scaled = rows * held[..., None, :]
    shares = _solved(scaled @ np.swapaxes(rows, -1, -2), gap[..., None])
    return _cleared(held * (1.0 + (np.swapaxes(rows, -1, -2) @ shares)[..., 0]))


def _cleared(held: Floats) -> Floats:
    """Weights (..., L) that are almost nothing, or less, are nothing; the others sum to 1."""
    held = np.where(held > EMPTY, held, 0.0)
    return np.asarray(held / np.maximum(held.sum(axis=-1, keepdims=True), EMPTY))


def _solved(square: Floats, right: Floats) -> Floats:
    little = 1e-12 * np.trace(square, axis1=-2, axis2=-1) + 1e-30
    return np.linalg.solve(square + little[..., None, None] * np.eye(square.shape[-1]), right)


def _moved(held: Floats, readout: Readout, log_y: Floats) -> Any:
    return 0.5 * np.abs(readout.probabilities(held @ readout.parts) - np.exp(log_y)).sum(axis=-1)
