"""Padded batches of tokenised texts. Expected numbers: written out by hand, and counted."""

import numpy as np
import pyarrow as pa
import pytest

from attnexplain.data.batching import TokenisedSplit, bucketed, collate, load_split
from tiny import tiny_split, write_tokens


def split(*texts, labels=None):
    """Texts as lists of word ids."""
    columns = {"example_id": [f"e{i}" for i in range(len(texts))], "token_ids": pa.array(texts, pa.list_(pa.int32()))}
    columns["label"] = pa.array(labels or [0] * len(texts), pa.int32())
    return TokenisedSplit(pa.table(columns))


def test_a_text_stands_between_sos_and_eos_and_is_padded_on_the_right():
    batch = collate(split([7, 8, 9], [5], [6, 6]), [1, 0])
    assert batch.token_ids.tolist() == [[2, 5, 3, 0, 0], [2, 7, 8, 9, 3]]
    assert batch.mask.int().tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]
    assert batch.attended.int().tolist() == [[0, 1, 0, 0, 0], [0, 1, 1, 1, 0]]
    assert batch.index.tolist() == [1, 0]


def test_a_text_without_words_has_nothing_to_attend_to():
    batch = collate(split([], [5]), [0, 1])
    assert batch.token_ids.tolist() == [[2, 3, 0], [2, 5, 3]]
    assert batch.attended.any(dim=1).tolist() == [False, True]


def test_labels_are_the_examples_own_or_none_at_all():
    texts = split([5], [6], [7], labels=[1, 0, None])
    assert collate(texts, [1, 0]).label.tolist() == [0, 1]
    assert collate(texts, [1, 2]).label is None
    assert texts.labels.tolist() == [1, 0, -1]


@pytest.mark.parametrize("budget", [1, 20, 64, 10_000])
def test_bucketed_loses_nothing_and_keeps_to_the_budget(budget):
    texts, asked = tiny_split(50), np.arange(10, 50)
    batches = list(bucketed(texts, asked, budget))
    assert sorted(int(i) for batch in batches for i in batch.index) == asked.tolist()
    assert all(batch.token_ids.numel() <= budget or len(batch.index) == 1 for batch in batches)


def test_bucketed_fills_its_batches():
    batches = list(bucketed(split([5], [5, 6], [5], [5, 6, 7]), range(4), 8))
    # Lengths with <sos> and <eos>: 3, 3, 4, 5; two of 3 fit in 8, a third would need 3 x 4.
    assert [batch.index.tolist() for batch in batches] == [[0, 2], [1], [3]]


def test_bucketed_sorts_by_length_and_keeps_ties_in_order():
    batches = bucketed(split([5, 6], [5], [5, 7], [6]), [3, 2, 1, 0], 1000)
    assert next(batches).index.tolist() == [3, 1, 2, 0]


def test_bucketed_of_nothing_is_nothing():
    assert list(bucketed(tiny_split(4), [], 100)) == []


def test_a_split_reads_back_what_was_written(tmp_path):
    write_tokens(tmp_path, n=10)
    read, written = load_split(tmp_path / "train.parquet"), tiny_split(10, seed=0)
    assert read.example_ids == written.example_ids
    assert [ids.tolist() for ids in read.token_ids] == written.table["token_ids"].to_pylist()
    assert read.lengths.tolist() == [len(words) for words in written.tokens]
    assert (read.segment, read.start, read.end) == (written.segment, written.start, written.end)
    assert read.evidence == written.evidence


def test_other_labels_leave_the_rest_alone():
    texts = split([5], [6], labels=[0, 1])
    changed = texts.with_labels(np.array([1, 0]))
    assert (changed.labels.tolist(), texts.labels.tolist()) == ([1, 0], [0, 1])
    assert changed.example_ids == texts.example_ids
