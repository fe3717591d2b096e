"""The farthest admissible place on lines between attentions, many lines at once.

The divergence is convex along a line, so the farthest places are where a line leaves what is admissible. Those are
found between the places of a grid, and where the prediction passes nearest; a line may be admissible elsewhere too.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from attnexplain.experiments.slab import Floats

Integers = np.ndarray[Any, np.dtype[np.int64]]
Along = Callable[[Integers, Floats], Floats]  # lines (N,) and a place in [0, 1] on each (N,) -> a number each (N,)

GRID = 16  # equal parts that a line is cut into
ZOOMS = 4  # of the grid, to where the prediction passes nearest
BISECTIONS = 40


def farthest_on_lines(
    count: int, moved: Along, divergence: Along, epsilon: float, floor: float
) -> tuple[int, float] | None:
    """Which of `count` lines, and where on it: the largest `divergence` above `floor` with `moved` <= epsilon, if any.

    `moved` is the distance of the prediction; `divergence` is convex along each line.
    """
    places = np.linspace(0.0, 1.0, GRID + 1)
    every = np.arange(count)
    distance, far = (
        np.stack([function(every, np.full(count, place)) for place in places], axis=1)
        for function in (moved, divergence)
    )
    reached = np.where(distance <= epsilon, far, -np.inf)
    found = None
    if reached.max(initial=-np.inf) > floor:
        line, step = np.unravel_index(reached.argmax(), reached.shape)
        floor, found = float(far[line, step]), (int(line), float(places[step]))
    lines, admitted, refused = _ends(distance, far, places, moved, epsilon, floor)
    hopeful = np.maximum(divergence(lines, admitted), divergence(lines, refused)) > floor
    lines, admitted = lines[hopeful], _boundary(lines[hopeful], admitted[hopeful], refused[hopeful], moved, epsilon)
    reached = divergence(lines, admitted)
    if reached.max(initial=-np.inf) > floor:
        best = int(reached.argmax())
        found = (int(lines[best]), float(admitted[best]))
    return found


def _ends(
    distance: Floats, far: Floats, places: Floats, moved: Along, epsilon: float, floor: float
) -> tuple[Integers, Floats, Floats]:
    """Lines, an admissible place on each, and one beyond an end of what is admissible there."""
    inside = distance <= epsilon
    crossed, step = np.nonzero(inside[:, 1:] != inside[:, :-1])
    within = np.where(inside[crossed, step], step, step + 1)
    # What is admissible between two places of the grid only: go to where the distance is least.
    passed, nearest = np.nonzero(_valleys(distance, epsilon) & (_around(far) > floor))
    middle = _lowest(passed, places[nearest], moved)
    deep = moved(passed, middle) <= epsilon
    passed, nearest, middle = passed[deep], nearest[deep], middle[deep]
    return (
        np.concatenate([crossed, passed, passed]),
        np.concatenate([places[within], middle, middle]),
        np.concatenate(
            [
                places[2 * step + 1 - within],
                places[np.maximum(nearest - 1, 0)],
                places[np.minimum(nearest + 1, GRID)],
            ]
        ),
    )


def _boundary(lines: Integers, admitted: Floats, refused: Floats, moved: Along, epsilon: float) -> Floats:
    """By bisection, admissible places next to where a line leaves."""
    for _ in range(BISECTIONS):
        halfway = 0.5 * (admitted + refused)
        good = moved(lines, halfway) <= epsilon
        admitted, refused = np.where(good, halfway, admitted), np.where(good, refused, halfway)
    return admitted


def _lowest(lines: Integers, centre: Floats, moved: Along) -> Floats:
    """Near `centre` (N,), where the prediction moves least."""
    reach = 1.0 / GRID
    for _ in range(ZOOMS):
        tried = np.stack([np.clip(centre + share * reach, 0.0, 1.0) for share in np.linspace(-1.0, 1.0, 9)])
        distance = np.stack([moved(lines, place) for place in tried])
        centre = tried[distance.argmin(axis=0), np.arange(len(lines))]
        reach /= 4.0
    return centre


def _valleys(distance: Floats, epsilon: float) -> Any:
    """Places of lines (N, G + 1) bool: no nearer neighbour, not admissible, but it might be beside them."""
    left, right = _neighbours(distance)
    steepest = np.abs(np.diff(distance, axis=1)).max(axis=1, keepdims=True)
    return (distance <= left) & (distance <= right) & (distance > epsilon) & (distance - steepest <= epsilon)


def _around(far: Floats) -> Floats:
    """The greatest of a place and its neighbours (N, G + 1): none between them is greater, of a convex function."""
    return np.maximum(far, np.maximum(*_neighbours(far)))


def _neighbours(values: Floats) -> tuple[Floats, Floats]:
    """Of values (N, G + 1) those to the left and to the right; at an end, its own."""
    return np.concatenate([values[:, :1], values[:, :-1]], axis=1), np.concatenate(
        [values[:, 1:], values[:, -1:]], axis=1
    )
