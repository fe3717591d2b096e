"""The pigeonhole bootstrap of crossed samples (Owen 2007, Annals of Applied Statistics 1): seeds and examples are
resampled independently, with replacement; a value counts as often as its seed times its example were drawn."""

from collections.abc import Iterator

import numpy as np

from attnexplain.metrics.ragged import Integers

_AT_ONCE = 500_000  # weights held at a time


def crossed_counts(
    rng: np.random.Generator, resamples: int, n_seeds: int, n_examples: int, n_values: int
) -> Iterator[tuple[Integers, Integers]]:
    """How often each seed (R, S) and each example (R, N) is drawn, in pieces of R that add up to `resamples`.

    A piece is so small that weights (R, `n_values`) fit in memory. One seed is drawn once in every resample: examples
    alone vary.
    """
    step = max(1, _AT_ONCE // n_values)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        of_examples = counts(rng, rows, n_examples)
        yield (counts(rng, rows, n_seeds) if n_seeds > 1 else np.ones((rows, 1), np.int64)), of_examples


def counts(rng: np.random.Generator, rows: int, n: int) -> Integers:
    """How often each of n was drawn in n draws with replacement: (rows, n)."""
    drawn = rng.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
    return np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
