"""From a tokenised split to padded batches of tensors.

A text becomes <sos> w1 ... wL <eos>, padded on the right with 0. Attention looks at the words alone; the encoder
also reads <sos> and <eos>.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from torch import Tensor

from attnexplain.data.special_tokens import EOS, PAD, SOS
from attnexplain.tables.io import read_table
from attnexplain.tables.tokens import SCHEMA

NO_LABEL = -1


@dataclass(frozen=True)
class Batch:
    """A batch of B texts of at most T tokens, the special ones counted.

    Shapes: token_ids (B, T) int64, right-padded with 0; mask (B, T) bool, True off padding; attended (B, T) bool,
    True on words (neither <sos>, <eos> nor padding); label (B,) int64, None where an example has no label;
    index (B,) int64, positions in the split.
    """

    token_ids: Tensor
    mask: Tensor
    attended: Tensor
    label: Tensor | None
    index: Tensor

    def to(self, device: torch.device | str) -> "Batch":
        """The same batch on `device`."""
        label = None if self.label is None else self.label.to(device)
        return Batch(
            self.token_ids.to(device), self.mask.to(device), self.attended.to(device), label, self.index.to(device)
        )


@dataclass(frozen=True)
class TokenisedSplit:
    """The examples of a split, in the order of its table (schema `tokens`); columns are unpacked when first used."""

    table: pa.Table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def example_ids(self) -> list[str]:
        """One per example."""
        return list(self.table["example_id"].to_pylist())

    @cached_property
    def labels(self) -> np.ndarray:
        """Labels (N,) int64; -1 where an example has none."""
        return np.asarray(self.table["label"].fill_null(NO_LABEL).to_numpy(), dtype=np.int64)

    @cached_property
    def token_ids(self) -> list[np.ndarray]:
        """Per example the ids (L,) int64 of its words."""
        column = self.table["token_ids"].combine_chunks()
        ids = np.asarray(column.flatten().to_numpy(), dtype=np.int64)
        return np.split(ids, np.cumsum(self.lengths)[:-1])

    @cached_property
    def lengths(self) -> np.ndarray:
        """Number of words (N,) int64, special tokens left out."""
        return np.asarray(pc.list_value_length(self.table["token_ids"]).to_numpy(), dtype=np.int64)

    @cached_property
    def tokens(self) -> list[list[str]]:
        """Per example the surface forms of its words."""
        return list(self.table["tokens"].to_pylist())

    @cached_property
    def segment(self) -> list[list[int]]:
        """Per example 0 (text) or 1 (text_pair) for each word."""
        return list(self.table["segment"].to_pylist())

    @cached_property
    def start(self) -> list[list[int]]:
        """Per example the character offset at which each word starts."""
        return list(self.table["start"].to_pylist())

    @cached_property
    def end(self) -> list[list[int]]:
        """Per example the character offset after each word."""
        return list(self.table["end"].to_pylist())

    @cached_property
    def evidence(self) -> list[list[float] | None]:
        """Per example the evidence weight of each word; None where the data has none."""
        return list(self.table["evidence"].to_pylist())

    def with_labels(self, labels: np.ndarray) -> "TokenisedSplit":
        """The same examples under other labels (N,)."""
        place = self.table.column_names.index("label")
        return TokenisedSplit(self.table.set_column(place, "label", pa.array(labels, pa.int32())))


def load_split(path: Path) -> TokenisedSplit:
    """Read one `{split}.parquet` of a tokens folder."""
    return TokenisedSplit(read_table(path, SCHEMA))


def collate(split: TokenisedSplit, indices: Sequence[int] | np.ndarray) -> Batch:
    """The examples at `indices` as one batch, in that order; at least one."""
    index = np.asarray(indices, dtype=np.int64)
    lengths = split.lengths[index] + 2  # <sos> and <eos>
    token_ids = np.full((len(index), lengths.max()), PAD, dtype=np.int64)
    for row, position in zip(token_ids, index, strict=True):
        words = split.token_ids[position]
        row[0], row[1 : len(words) + 1], row[len(words) + 1] = SOS, words, EOS
    columns = np.arange(token_ids.shape[1])
    return Batch(
        token_ids=torch.from_numpy(token_ids),
        mask=torch.from_numpy(columns < lengths[:, None]),
        attended=torch.from_numpy((columns > 0) & (columns < lengths[:, None] - 1)),
        label=_labels(split.labels[index]),
        index=torch.from_numpy(index),
    )


def bucketed(split: TokenisedSplit, indices: Sequence[int] | np.ndarray, tokens_per_batch: int) -> Iterator[Batch]:
    """Every example at `indices` once, sorted by length (ties in the given order), B x T <= tokens_per_batch.

    A text longer than the budget stands alone in its batch.
    """
    index = np.asarray(indices, dtype=np.int64)
    order = index[np.argsort(split.lengths[index], kind="stable")]
    first = 0
    for last, position in enumerate(order):
        # Lengths ascend, so the newest example is the longest of its batch.
        if last > first and (last - first + 1) * (split.lengths[position] + 2) > tokens_per_batch:
            yield collate(split, order[first:last])
            first = last
    if len(order):
        yield collate(split, order[first:])


def _labels(labels: np.ndarray[Any, Any]) -> Tensor | None:
    return None if (labels == NO_LABEL).any() else torch.from_numpy(labels)
