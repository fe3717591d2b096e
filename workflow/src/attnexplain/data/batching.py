"""From a tokenised split to padded batches of tensors.

A text becomes <sos> w1 ... wL <eos>, padded on the right with 0. Attention looks at the words alone; the encoder
also reads <sos> and <eos>. Of a pair, the attended text is segment 0; the question (segment 1) is a text of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
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
from attnexplain.tables.segments import by_segment
from attnexplain.tables.tokens import SCHEMA

NO_LABEL = -1


@dataclass(frozen=True)
class Batch:
    """A batch of B texts of at most T tokens, the special ones counted.

    Shapes: token_ids (B, T) int64, right-padded with 0; mask (B, T) bool, True off padding; attended (B, T) bool,
    True on words (neither <sos>, <eos> nor padding); label (B,) int64, None where an example has no label;
    index (B,) int64, positions in the split.

    Of pairs also the question, of at most U tokens: pair_ids (B, U) int64 and pair_mask (B, U) bool, as above; and
    candidates (B, C) bool, True on the classes allowed as answer, where the data names them.

    evidence (B, T) float32, the evidence weight of each word and 0 elsewhere, is there where `with_evidence` put it.
    """

    token_ids: Tensor
    mask: Tensor
    attended: Tensor
    label: Tensor | None
    index: Tensor
    pair_ids: Tensor | None = None
    pair_mask: Tensor | None = None
    candidates: Tensor | None = None
    evidence: Tensor | None = None

    def to(self, device: torch.device | str) -> "Batch":
        """The same batch on `device`."""
        return self._each(lambda part: part.to(device))

    def rows(self, rows: Tensor | slice) -> "Batch":
        """The examples at `rows` (N,) of the batch, in that order; those of a slice are views."""
        return self._each(lambda part: part[rows])

    def pieces(self, positions: int) -> "list[Batch]":
        """Consecutive examples, B x (T + U) <= `positions` or one example at a time; the batch itself where it fits."""
        count, width = len(self.index), self.width
        rows = max(1, positions // width)
        if rows >= count:
            return [self]
        return [self.rows(slice(start, start + rows)) for start in range(0, count, rows)]

    @property
    def width(self) -> int:
        """Positions of one example, T + U (U is 0 without questions)."""
        return self.token_ids.shape[1] + (0 if self.pair_ids is None else self.pair_ids.shape[1])

    def _each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        parts: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        parts = {name: None if part is None else change(part) for name, part in parts.items()}
        return Batch(**parts)


@dataclass(frozen=True)
class TokenisedSplit:
    """The examples of a split, in the order of its table; columns are unpacked when first used.

    The table is of the schema `tokens`, cut by `tables.segments.by_segment`: every column but `pair_*` is about the
    attended text alone. `n_classes` is needed where examples name their candidates.
    """

    table: pa.Table
    n_classes: int | None = None

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
        return _lists(self.table["token_ids"])

    @cached_property
    def lengths(self) -> np.ndarray:
        """Number of words (N,) int64, special tokens left out."""
        return np.asarray(pc.list_value_length(self.table["token_ids"]).to_numpy(), dtype=np.int64)

    @cached_property
    def has_pairs(self) -> bool:
        """Whether the examples are pairs of texts."""
        return "pair_token_ids" in self.table.column_names

    @cached_property
    def pair_token_ids(self) -> list[np.ndarray]:
        """Per pair the ids (U,) int64 of the question's words."""
        return _lists(self.table["pair_token_ids"])

    @cached_property
    def pair_widths(self) -> np.ndarray:
        """Number of tokens (N,) of the questions, <sos> and <eos> counted; 0 without a question."""
        if not self.has_pairs:
            return np.zeros(len(self), dtype=np.int64)
        return np.asarray(pc.list_value_length(self.table["pair_token_ids"]).to_numpy(), dtype=np.int64) + 2

    @cached_property
    def candidates(self) -> list[np.ndarray | None] | None:
        """Per example the classes allowed as answer, None for all; None where no example names them."""
        if "candidates" not in self.table.column_names or self.table["candidates"].null_count == len(self):
            return None
        return [None if row is None else np.array(row, np.int64) for row in self.table["candidates"].to_pylist()]

    @cached_property
    def tokens(self) -> list[list[str]]:
        """Per example the surface forms of its words."""
        return list(self.table["tokens"].to_pylist())

    @cached_property
    def segment(self) -> list[list[int]]:
        """Per example 0 for each word."""
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
        return TokenisedSplit(self.table.set_column(place, "label", pa.array(labels, pa.int32())), self.n_classes)


def load_split(path: Path, n_classes: int | None = None, columns: Sequence[str] | None = None) -> TokenisedSplit:
    """Read one `{split}.parquet` of a tokens folder of so many classes, or the `columns` that are needed of it."""
    return TokenisedSplit(by_segment(read_table(path, SCHEMA, columns)), n_classes)


def collate(split: TokenisedSplit, indices: Sequence[int] | np.ndarray) -> Batch:
    """The examples at `indices` as one batch, in that order; at least one."""
    index = np.asarray(indices, dtype=np.int64)
    token_ids, mask = _padded([split.token_ids[position] for position in index])
    pair = _padded([split.pair_token_ids[position] for position in index]) if split.has_pairs else (None, None)
    last = mask.sum(dim=1, keepdim=True) - 1  # place of <eos>
    places = torch.arange(token_ids.shape[1])
    return Batch(
        token_ids=token_ids,
        mask=mask,
        attended=(places > 0) & (places < last),
        label=_labels(split.labels[index]),
        index=torch.from_numpy(index),
        pair_ids=pair[0],
        pair_mask=pair[1],
        candidates=_candidates(split, index),
    )


def with_evidence(batch: Batch, split: TokenisedSplit) -> Batch:
    """The batch of `split` with the evidence weights of its words; 0 where an example is not annotated."""
    evidence = torch.zeros(batch.attended.shape)
    for row, position in zip(evidence, batch.index.tolist(), strict=True):
        weights = split.evidence[position] or []
        row[1 : 1 + len(weights)] = torch.tensor(weights)
    return replace(batch, evidence=evidence.to(batch.attended.device))


def bucketed(split: TokenisedSplit, indices: Sequence[int] | np.ndarray, tokens_per_batch: int) -> Iterator[Batch]:
    """Every example at `indices` once, sorted by length (ties in the given order), B x (T + U) <= tokens_per_batch.

    T is the width of the attended texts, U that of the questions (0 without). An example longer than the budget stands
    alone in its batch.
    """
    index = np.asarray(indices, dtype=np.int64)
    order = index[np.argsort(split.lengths[index], kind="stable")]
    first = question = 0
    for last, position in enumerate(order):
        question = max(question, split.pair_widths[position])
        # Lengths ascend, so the newest example is the longest of its batch.
        if last > first and (last - first + 1) * (split.lengths[position] + 2 + question) > tokens_per_batch:
            yield collate(split, order[first:last])
            first, question = last, split.pair_widths[position]
    if len(order):
        yield collate(split, order[first:])


def _padded(texts: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Ids (B, T) of texts between <sos> and <eos>, right-padded, and their mask."""
    lengths = np.array([len(words) + 2 for words in texts])
    token_ids = np.full((len(texts), lengths.max()), PAD, dtype=np.int64)
    for row, words in zip(token_ids, texts, strict=True):
        row[0], row[1 : len(words) + 1], row[len(words) + 1] = SOS, words, EOS
    return torch.from_numpy(token_ids), torch.from_numpy(np.arange(token_ids.shape[1]) < lengths[:, None])


def _labels(labels: np.ndarray[Any, Any]) -> Tensor | None:
    return None if (labels == NO_LABEL).any() else torch.from_numpy(labels)


def _candidates(split: TokenisedSplit, index: np.ndarray) -> Tensor | None:
    if split.candidates is None:
        return None
    if split.n_classes is None:
        raise ValueError("examples with candidates need the number of classes: load_split(path, n_classes)")
    allowed = torch.zeros(len(index), split.n_classes, dtype=torch.bool)
    for row, position in zip(allowed, index, strict=True):
        found = split.candidates[position]
        row[slice(None) if found is None else torch.from_numpy(found)] = True
    return allowed


def _lists(column: pa.ChunkedArray) -> list[np.ndarray]:
    """Per example the entries of its list as int64."""
    values = np.asarray(column.combine_chunks().flatten().to_numpy(), dtype=np.int64)
    return np.split(values, np.cumsum(pc.list_value_length(column).to_numpy())[:-1])
