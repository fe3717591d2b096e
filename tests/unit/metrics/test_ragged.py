"""Expected values: the same operations on plain lists."""

import math

import numpy as np
import pyarrow as pa
import pytest

from attnexplain.metrics.ragged import Ragged

ROWS = [[1.0, 2.0, 3.0], [], [4.0], [5.0, 6.0, 7.0], [8.0, 9.0]]


def as_lists(ragged):
    return [ragged.values[a:b].tolist() for a, b in zip(ragged.offsets[:-1], ragged.offsets[1:], strict=True)]


@pytest.mark.parametrize("slices", [[(0, 5)], [(0, 2), (2, 5)], [(0, 0), (0, 5)]])
def test_arrow_lists_keep_their_rows_in_any_chunking(slices):
    whole = pa.array(ROWS, pa.list_(pa.float32()))
    column = pa.chunked_array([whole.slice(start, stop - start) for start, stop in slices])
    assert as_lists(Ragged.from_arrow(column)) == ROWS


def test_arrow_null_list_is_an_empty_row_and_null_number_is_nan():
    ragged = Ragged.from_arrow(pa.array([[1.0, None], None, [2.0]], pa.list_(pa.float32())))
    assert ragged.lengths.tolist() == [2, 0, 1]
    assert ragged.has_nan().tolist() == [True, False, False]


def test_block_pads_with_nan():
    block = Ragged.from_rows(ROWS).block(np.array([4, 1, 0]))
    np.testing.assert_array_equal(block, [[8, 9, math.nan], [math.nan] * 3, [1, 2, 3]])


def test_block_of_empty_rows_is_empty():
    assert Ragged.from_rows([[], []]).block(np.array([0, 1])).shape == (2, 0)


def test_by_length_yields_every_row_once_with_its_length():
    ragged = Ragged.from_rows(ROWS)
    found = {length: rows.tolist() for length, rows in ragged.by_length(np.arange(5))}
    assert found == {0: [1], 1: [2], 2: [4], 3: [0, 3]}


def test_by_length_of_no_rows_is_nothing():
    assert list(Ragged.from_rows(ROWS).by_length(np.array([], np.int64))) == []


@pytest.mark.parametrize("budget", [1, 50, 10_000])
def test_batches_partition_the_rows_within_the_budget(budget):
    lengths = np.random.default_rng(0).integers(1, 60, 300)
    ragged = Ragged.from_lengths(np.zeros(lengths.sum()), lengths)
    batches = list(ragged.batches(np.arange(300), budget))
    assert sorted(np.concatenate(batches).tolist()) == list(range(300))
    for rows in batches:
        assert len(rows) == 1 or len(rows) * lengths[rows].max() <= budget
        assert lengths[rows].max() <= lengths[rows].min() * 9 / 8 + 1
