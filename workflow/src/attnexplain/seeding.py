"""One independent random stream per purpose, from numpy's SeedSequence; never `hash()`, never global state."""

import hashlib

import numpy as np

# A purpose keeps its number for ever: renumbering would change every result.
PURPOSES = {
    "initialisation": 0,
    "data-order": 1,
    "masking": 2,
    "sampling": 3,
    "split": 4,
    "limits": 5,
    "labels": 6,
    "generation": 7,
}


def seed_sequence(seed: int, purpose: str, *keys: int | str) -> np.random.SeedSequence:
    """The stream of `purpose` under `seed`; further keys (an epoch, an example id) make sub-streams."""
    return np.random.SeedSequence([seed, PURPOSES[purpose], *(_number(key) for key in keys)])


def generator(seed: int, purpose: str, *keys: int | str) -> np.random.Generator:
    """A numpy generator on the stream of `purpose` under `seed`."""
    return np.random.default_rng(seed_sequence(seed, purpose, *keys))


def integer(seed: int, purpose: str, *keys: int | str) -> int:
    """A 63-bit integer of the stream, to seed a torch generator."""
    return int(seed_sequence(seed, purpose, *keys).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _number(key: int | str) -> int:
    return key if isinstance(key, int) else int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
