"""Random orders of the words of a text, many at once."""

from typing import Any

import numpy as np

SHORT = 1024  # up to so many tokens a key of 32 bits leaves 22 that are random


def orders(random: np.random.Generator, draws: int, length: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Independent orders (draws, length) of 0..length-1, each equally likely.

    Random keys are sorted, and carry their place in their last bits. Keys that are otherwise equal stay in the order
    of the places; with at least 22 random bits that is one pair in 4 million or fewer.
    """
    word = np.dtype(np.uint32 if length <= SHORT else np.uint64)
    raw = random.bit_generator.random_raw(-(-draws * length * word.itemsize // 8))
    place = word.type((1 << max(0, length - 1).bit_length()) - 1)
    keys = raw.view(word)[: draws * length].reshape(draws, length)
    keys &= ~place
    keys |= np.arange(length, dtype=word)
    keys.sort(axis=1)
    keys &= place
    return keys.astype(np.intp)
