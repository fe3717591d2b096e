"""The random stream of methods that sample, one per example and draw."""

import numpy as np

from attnexplain.seeding import generator


def sampler(seed: int, method: str, index: int, draw: int) -> np.random.Generator:
    """A generator for the example at `index` of its split under a run's `seed`.

    A method that samples has an option `draw`, 0 unless the study says otherwise: two draws are two methods, side by
    side in every table, that differ in the sample alone. Draw 0 is the stream without a draw in its key.
    """
    return generator(seed, "sampling", method, index, *([draw] if draw else []))
