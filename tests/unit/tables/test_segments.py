"""Tables cut at the border of the segments. Expected: list comprehensions over the rows."""

import pyarrow as pa
import pytest

from attnexplain.tables.segments import LISTS, PAIR, attended, by_segment, has_pairs
from attnexplain.tables.tokens import SCHEMA
from tiny import pair_rows, tiny_split


def slow(row, name, wanted):
    if row[name] is None:
        return None
    return [value for value, segment in zip(row[name], row["segment"], strict=True) if segment == wanted]


@pytest.fixture(params=["whole", "chunks", "slice", "with nulls"])
def table(request):
    rows = pair_rows(7)
    if request.param == "chunks":
        return pa.concat_tables([rows.slice(0, 2), rows.slice(2)])
    if request.param == "slice":
        return rows.slice(2, 4)
    if request.param == "whole":
        return rows
    changed = rows.to_pylist()
    changed[1]["evidence"] = changed[6]["evidence"] = None
    changed[3] |= {name: [0] if name == "segment" else changed[3][name][:1] for name in LISTS}  # without a question
    changed[4] |= {name: [] for name in LISTS}
    return pa.Table.from_pylist(changed, SCHEMA.columns)


def test_lists_are_cut_to_the_attended_text(table):
    found = attended(table)
    for name in LISTS:
        assert found[name].to_pylist() == [slow(row, name, 0) for row in table.to_pylist()]
    assert found.schema.equals(table.schema)


def test_the_questions_stand_beside(table):
    found = by_segment(table)
    assert found.select(table.column_names).equals(attended(table))
    for name in PAIR:
        assert found[f"pair_{name}"].to_pylist() == [slow(row, name, 1) for row in table.to_pylist()]


def test_single_texts_are_left_alone():
    single = tiny_split(5).table
    assert not has_pairs(single)
    assert by_segment(single) is single
    assert attended(single) is single
