"""The states of a text without one of its words, for every word: what is shared by the encoders' ways to get them.

An encoder whose states change in part, or cheaply, when a word is deleted says so in a file beside it, named in the
registry's family `deletions`. Others encode each shortened text anew.

Places are those of the whole text, <sos> = 0 and <eos> = T - 1: the states of a text without word t stand at the places
other than t.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True)
class Changed:
    """Read states that differ from those of the whole text, of B texts.

    Shapes: read (N, B, R), the state at `place` without the word `deleted`, for N pairs of the two. `deleted` (N,) or a
    slice counts within the range asked for; `place` (N,), or one place for all, counts from the start of the text.
    """

    deleted: Tensor | slice
    place: Tensor | int
    read: Tensor


class Deletions(Protocol):
    """Made of (encoder, embedded (B, T, E) of texts of one length, weight (R, H), bias (R,)).

    `read` (T, B, R) is W h + b of the states of the whole texts.
    """

    read: Tensor

    def changed(self, deleted: range) -> Iterator[Changed]:
        """Each pair of a word of `deleted` (places from 1 to T - 2) and the place of a word whose state it changes."""
