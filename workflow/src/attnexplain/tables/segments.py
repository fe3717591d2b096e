"""Tokens tables cut at the border of the two segments of a pair.

In the table `tokens` the lists of an example run over segment 0 and then over segment 1. What is attended, attributed
and measured is segment 0.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LISTS = ("tokens", "token_ids", "segment", "start", "end", "evidence")
PAIR = ("tokens", "token_ids", "start", "end")  # kept of segment 1, as columns `pair_*`


def attended(table: pa.Table) -> pa.Table:
    """The table with its lists cut to segment 0; the same table where no example has a second segment."""
    return _cut(table, {name: name for name in LISTS}, second=False) if has_pairs(table) else table


def by_segment(table: pa.Table) -> pa.Table:
    """Lists cut to segment 0, and those of segment 1 as further columns; the same table without a second segment."""
    if not has_pairs(table):
        return table
    pairs = _cut(table, {name: f"pair_{name}" for name in PAIR}, second=True)
    first = attended(table)
    for name in (name for name in PAIR if name in table.column_names):
        first = first.append_column(f"pair_{name}", pairs[f"pair_{name}"])
    return first


def has_pairs(table: pa.Table) -> bool:
    """Whether any example has tokens of segment 1."""
    return "segment" in table.column_names and bool(pc.any(pc.equal(pc.list_flatten(table["segment"]), 1)).as_py())


def _cut(table: pa.Table, names: dict[str, str], *, second: bool) -> pa.Table:
    """The columns `names`, renamed, with the lists of one segment; other columns are kept."""
    sizes = _first_lengths(table["segment"])  # (N,)
    for name, new in names.items():
        if name in table.column_names:
            place = table.column_names.index(name)
            field = table.schema.field(name).with_name(new)
            table = table.set_column(place, field, _cut_lists(table[name], sizes, second=second))
    return table


def _first_lengths(segment: pa.ChunkedArray) -> np.ndarray:
    """How many tokens of each example are of segment 0."""
    row = pc.list_parent_indices(segment.combine_chunks())
    first = pc.equal(pc.list_flatten(segment.combine_chunks()), 0)
    return np.bincount(np.asarray(row)[np.asarray(first)], minlength=len(segment))


def _cut_lists(column: pa.ChunkedArray, sizes: np.ndarray, *, second: bool) -> pa.ListArray:
    """The first `sizes` entries of each list (N,), or with `second` those after them; a null list stays null."""
    lists = column.combine_chunks()
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lists), 0))
    place = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    is_first = place < np.repeat(sizes, lengths)
    values = lists.flatten().filter(pa.array(is_first != second))
    first = np.minimum(sizes, lengths)
    offsets = np.concatenate([[0], np.cumsum(lengths - first if second else first)])
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), values, type=lists.type, mask=lists.is_null() if lists.null_count else None
    )
