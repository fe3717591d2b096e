"""Lists of different lengths held flat: all values in one array, and where each list begins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Ragged:
    """`values` (M,) of all rows one after another; row i is `values[offsets[i]:offsets[i + 1]]`; `offsets` (N + 1,)."""

    values: Floats
    offsets: Integers

    @classmethod
    def from_arrow(cls, column: pa.Array | pa.ChunkedArray) -> "Ragged":
        """A list column of numbers: a null list becomes an empty row, a null inside a list becomes NaN."""
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
        values = pc.list_flatten(column).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return cls.from_lengths(np.asarray(values, np.float64), lengths)

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[float]]) -> "Ragged":
        """From a sequence of sequences."""
        flat = [np.asarray(row, np.float64) for row in rows]
        return cls.from_lengths(np.concatenate([np.empty(0), *flat]), np.array([len(row) for row in flat], np.int64))

    @classmethod
    def from_lengths(cls, values: Floats, lengths: npt.NDArray) -> "Ragged":
        """From flat values and the length of each row."""
        return cls(values, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Integers:
        """Length of each row, (N,)."""
        return np.diff(self.offsets)

    def absolute(self) -> "Ragged":
        """The magnitudes, row by row."""
        return Ragged(np.abs(self.values), self.offsets)

    def has_nan(self) -> Bools:
        """Rows that hold a NaN, (N,)."""
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.isnan(self.values), dtype=np.int64)])
        return np.diff(before[self.offsets]) > 0

    def block(self, rows: Integers) -> Floats:
        """Rows as one rectangle (len(rows), longest), padded right with NaN."""
        lengths, places = self.lengths[rows], np.arange(self.lengths[rows].max(initial=0))
        inside = places < lengths[:, None]
        index = np.where(inside, self.offsets[rows][:, None] + places, 0)
        return np.where(inside, self.values[index], np.nan) if index.size else np.empty(index.shape)

    def by_length(self, rows: Integers) -> Iterator[tuple[int, Integers]]:
        """(length, rows of that length) among `rows`, shortest first; rows stay in their order."""
        order = rows[np.argsort(self.lengths[rows], kind="stable")]
        lengths, starts = np.unique(self.lengths[order], return_index=True)
        for length, group in zip(lengths, np.split(order, starts[1:]), strict=False):
            yield int(length), group

    def batches(self, rows: Integers, budget: int) -> Iterator[Integers]:
        """Rows in batches of similar length (within 1/8 + 1 of the shortest), each under `budget` values."""
        order = rows[np.argsort(self.lengths[rows], kind="stable")]
        lengths, start = self.lengths[order], 0
        while start < len(order):
            longest = lengths[start] + lengths[start] // 8 + 1
            similar = int(np.searchsorted(lengths, longest, side="right"))
            stop = min(similar, start + max(1, budget // int(longest)))
            yield order[start:stop]
            start = stop
