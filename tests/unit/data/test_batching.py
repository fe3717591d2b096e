"""Padded batches of tokenised texts. Expected numbers: written out by hand, and counted."""

from dataclasses import fields

import numpy as np
import pyarrow as pa
import pytest
import torch

from attnexplain.data.batching import TokenisedSplit, bucketed, collate, load_split
from attnexplain.stages.train import COLUMNS
from tiny import pair_rows, pair_split, tiny_split, write_pairs, write_tokens


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


def test_pieces_are_neighbours_within_the_budget_or_alone():
    batch = collate(split([5], [5, 6], [7], [8, 9], [5]), [4, 3, 2, 1, 0])  # of 4 positions each
    assert [piece.index.tolist() for piece in batch.pieces(8)] == [[4, 3], [2, 1], [0]]
    assert [piece.index.tolist() for piece in batch.pieces(1)] == [[4], [3], [2], [1], [0]]
    assert torch.equal(torch.cat([piece.token_ids for piece in batch.pieces(8)]), batch.token_ids)
    assert batch.pieces(20) == [batch]


def test_the_questions_count_among_the_positions_of_pieces():
    batch = collate(pair_split(6), range(6))
    width = batch.token_ids.shape[1] + batch.pair_ids.shape[1]
    assert [len(piece.index) for piece in batch.pieces(2 * width)] == [2, 2, 2]
    assert [len(piece.pair_ids) for piece in batch.pieces(2 * width - 1)] == [1] * 6


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


def pairs(*examples, n_classes=3):
    """Examples as (text, question, candidates)."""
    lists = pa.list_(pa.int32())
    texts, questions, candidates = zip(*examples, strict=True)
    columns = {"example_id": [f"e{i}" for i in range(len(texts))], "token_ids": pa.array(texts, lists)}
    columns |= {"pair_token_ids": pa.array(questions, lists), "candidates": pa.array(candidates, lists)}
    columns["label"] = pa.array([0] * len(texts), pa.int32())
    return TokenisedSplit(pa.table(columns), n_classes)


def test_a_question_is_a_text_of_its_own():
    batch = collate(pairs(([7, 8, 9], [5], None), ([5], [6, 6, 4], [0, 2]), ([4], [], None)), [1, 0, 2])
    assert batch.token_ids.tolist() == [[2, 5, 3, 0, 0], [2, 7, 8, 9, 3], [2, 4, 3, 0, 0]]
    assert batch.pair_ids.tolist() == [[2, 6, 6, 4, 3], [2, 5, 3, 0, 0], [2, 3, 0, 0, 0]]
    assert batch.pair_mask.int().tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0]]
    assert batch.candidates.int().tolist() == [[1, 0, 1], [1, 1, 1], [1, 1, 1]]


def test_without_named_candidates_there_are_none():
    assert collate(pairs(([7], [5], None), ([5], [6], None), n_classes=None), [0]).candidates is None
    with pytest.raises(ValueError, match="number of classes"):
        collate(pairs(([7], [5], [1]), n_classes=None), [0])


def test_single_texts_have_no_question():
    batch = collate(tiny_split(4), range(4))
    assert batch.pair_ids is None and batch.pair_mask is None and batch.candidates is None


@pytest.mark.parametrize("budget", [1, 40, 100, 10_000])
def test_the_budget_counts_both_texts(budget):
    split = pair_split(40)
    batches = list(bucketed(split, range(40), budget))
    assert sorted(int(i) for batch in batches for i in batch.index) == list(range(40))
    sizes = [batch.token_ids.numel() + batch.pair_ids.numel() for batch in batches]
    assert all(size <= budget or len(batch.index) == 1 for size, batch in zip(sizes, batches, strict=True))
    assert budget < 10_000 or len(batches) == 1


def test_rows_of_a_batch_are_its_examples():
    batch = collate(pair_split(6), range(6))
    chosen = batch.rows(batch.index[[4, 1]])
    assert chosen.pair_ids.equal(batch.pair_ids[[4, 1]])
    assert chosen.label.tolist() == [batch.label[4].item(), batch.label[1].item()]


def test_pairs_are_read_cut_by_segment(tmp_path):
    write_pairs(tmp_path)
    split, rows = load_split(tmp_path / "test.parquet", 3), pair_rows(24, 2).to_pylist()
    assert split.has_pairs and split.with_labels(split.labels).n_classes == 3
    assert split.lengths.tolist() == [row["segment"].count(0) for row in rows]
    assert split.pair_widths.tolist() == [row["segment"].count(1) + 2 for row in rows]
    assert split.tokens[1] + split.table["pair_tokens"][1].as_py() == rows[1]["tokens"]
    assert {0} == {segment for segments in split.segment for segment in segments}


@pytest.mark.parametrize("write", [write_tokens, write_pairs])
def test_batches_need_only_the_columns_that_training_reads(tmp_path, write):
    write(tmp_path)
    whole, part = (load_split(tmp_path / "dev.parquet", 3, columns) for columns in (None, COLUMNS))
    assert not {"tokens", "start", "end", "evidence", "pair_tokens"} & set(part.table.column_names)
    assert part.example_ids == whole.example_ids
    expected, found = (collate(split, [3, 0, 7]) for split in (whole, part))
    for field in fields(expected):
        one, other = getattr(found, field.name), getattr(expected, field.name)
        assert one is other is None or torch.equal(one, other)
