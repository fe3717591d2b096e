"""Expected spans are found by hand in the invented sentences."""

import pytest

from attnexplain.data.readers.ade_corpus import positions
from attnexplain.errors import DataError
from reader_specs import read, spelled

# An abstract in which the sentence begins at 100: "rash" stands at 0 and 19.
TWICE = "rash, and no other rash, after zetamol"
RELATIONS = [
    "1|A rash followed zetamol.|rash|2|6|zetamol|16|23",
    f"2|{TWICE}|rash|119|123|zetamol|131|138",
    "1|A rash followed zetamol.|A rash|0|6|zetamol|16|23",
]
NEGATIVES = ["3 NEG Nothing happened with zetamol.", "4 NEG A calm day.", "5 NEG A calm day."]


def files(folder, relations=RELATIONS, negatives=NEGATIVES):
    (folder / "rel").write_text("\n".join(relations) + "\n")
    (folder / "neg").write_text("\n".join(negatives) + "\n")
    return {"relations": folder / "rel", "negatives": folder / "neg"}


def rows_of(given):
    splits = read("ade-corpus", given, dev_fraction=0.25, test_fraction=0.25)
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 2, "dev": 1, "test": 1}
    return {row["example_id"]: row for rows in splits.values() for row in rows}


def test_sentences_count_once_and_evidence_is_effects_and_drugs(tmp_path):
    rows = rows_of(files(tmp_path))
    assert {key: row["label"] for key, row in rows.items()} == {
        "relation-00001": 1,
        "relation-00002": 1,
        "negative-00001": 0,
        "negative-00002": 0,
    }
    assert spelled(rows["relation-00001"]) == ["A rash", "rash", "zetamol"]
    assert rows["negative-00002"]["evidence"] == []


def test_a_word_that_occurs_twice_is_placed_by_its_offset(tmp_path):
    (rash, drug) = rows_of(files(tmp_path))["relation-00002"]["evidence"]
    assert (rash["start"], rash["end"]) == (19, 23)
    assert TWICE[drug["start"] : drug["end"]] == "zetamol"


def test_offsets_that_fit_no_beginning_mark_every_occurrence():
    assert positions("a b a", [("a", 10), ("b", 50)]) == [(0, 1), (2, 3), (4, 5)]
    assert positions("a b a", [("a", 14), ("b", 12)]) == [(2, 3), (4, 5)]


def test_a_negative_that_is_also_positive_is_left_out(tmp_path):
    rows = rows_of(files(tmp_path, negatives=[*NEGATIVES, "6 NEG A rash followed zetamol."]))
    assert sorted(rows) == ["negative-00001", "negative-00002", "relation-00001", "relation-00002"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"relations": ["1|too|few"]}, r"rel, line 1: expected `PMID\|sentence"),
        ({"relations": ["1|A b c.|b|x|3|c|4|5"]}, "rel, line 1: expected"),
        ({"relations": [RELATIONS[0], "1|A b c.|d|2|3|c|4|5"]}, "rel, line 2: 'd' does not occur"),
        ({"negatives": ["3 POS Nothing."]}, "neg, line 1: expected `PMID NEG sentence`"),
    ],
)
def test_a_line_of_another_form_is_told(tmp_path, changes, message):
    with pytest.raises(DataError, match=message):
        read("ade-corpus", files(tmp_path, **changes))
