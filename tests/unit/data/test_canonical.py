"""Expected tables are written out by hand."""

import pytest

from attnexplain.data.canonical import class_index, example_id, to_table
from attnexplain.errors import DataError
from attnexplain.tables.dataset import SCHEMA

SPAN = {"segment": 0, "start": 0, "end": 4, "annotator": 0, "weight": 1.0}


def row(**changes):
    return {"example_id": "train-00001", "text": "good film", "label": 1, **changes}


def test_identifiers_carry_split_and_row():
    assert example_id("train", 7) == "train-00007"
    assert example_id("train", 123456) == "train-123456"


def test_names_indices_and_their_spelling_give_the_same_label():
    assert [class_index(label, ["bad", "good"], "") for label in ("good", 1, "1", None)] == [1, 1, 1, None]


def test_a_class_name_wins_over_an_index():
    assert class_index("1", ["1", "2"], "") == 0


@pytest.mark.parametrize("label", ["god", 2, -1, "-1", True, 1.0, ""])
def test_a_label_outside_the_classes_is_refused(label):
    with pytest.raises(DataError, match=r"here: label .* is none of the 2 classes"):
        class_index(label, ["bad", "good"], "here")


def test_missing_columns_are_null_and_empty_evidence_stays_empty():
    table = to_table([row(), row(example_id="b", evidence=[]), row(example_id="c", evidence=[SPAN])], ["n", "p"], "set")
    assert table.schema == SCHEMA.columns
    assert table["evidence"].to_pylist() == [None, [], [SPAN]]
    assert table["text_pair"].null_count == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": None}, "text is None, not a text"),
        ({"text_pair": 3}, "text_pair is 3, not a text"),
        ({"evidence": [{**SPAN, "end": 10}]}, "lies outside the text"),
        ({"evidence": [{**SPAN, "start": 3, "end": 2}]}, "lies outside the text"),
        ({"evidence": [{**SPAN, "segment": 1}]}, "lies outside the text"),
        ({"evidence": [{**SPAN, "weight": 1.5}]}, r"weight 1.5 is not in \[0, 1\]"),
    ],
)
def test_a_malformed_row_is_told_with_its_place(changes, message):
    with pytest.raises(DataError, match=rf"set, example train-00001: .*{message}"):
        to_table([row(**changes)], ["n", "p"], "set")


def test_an_identifier_may_occur_once():
    with pytest.raises(DataError, match="occurs twice"):
        to_table([row(), row()], ["n", "p"], "set")
