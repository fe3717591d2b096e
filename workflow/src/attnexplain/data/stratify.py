"""Seeded random subsets that keep the share of every class."""

from collections.abc import Hashable, Sequence

import numpy as np


def stratified(labels: Sequence[Hashable], size: int, generator: np.random.Generator) -> list[int]:
    """Positions of `size` examples, ascending; each class keeps its share up to one example.

    Seats are given by largest remainder, after the classes that have none yet; ties go to the first class by its text.
    """
    groups: dict[Hashable, list[int]] = {}
    for position, label in enumerate(labels):
        groups.setdefault(label, []).append(position)
    names = sorted(groups, key=str)
    exact = [size * len(groups[name]) / len(labels) for name in names]
    seats = [int(share) for share in exact]
    by_remainder = sorted(range(len(names)), key=lambda i: (seats[i] > 0, seats[i] - exact[i]))
    for i in by_remainder[: size - sum(seats)]:
        seats[i] += 1
    chosen = [generator.permutation(groups[name])[:count] for name, count in zip(names, seats, strict=True)]
    return sorted(int(position) for group in chosen for position in group)
