"""Expected rows are read off the trees by hand; counts are the data set's published 6920/872/1821.

The real files are compared with another distribution of the same sentences (stsa.binary.*, Kim 2014) as well.
"""

from collections import Counter

import pytest

from attnexplain.data.readers.sst_trees import parse, read
from attnexplain.errors import DataError
from data_specs import data_mirror, write_trees


def test_neutral_sentences_are_dropped_and_lines_keep_their_number(tmp_path):
    rows = read(write_trees(tmp_path))
    assert [(r["example_id"], r["text"], r["label"]) for r in rows["train"]] == [
        ("train-00001", "It good", 1),
        ("train-00003", "It not good", 0),
    ]
    assert [r["label"] for split in ("dev", "test") for r in rows[split]] == [1, 0]


def test_words_with_a_label_of_their_own_are_evidence_by_distance_from_neutral(tmp_path):
    (tmp_path / "a").write_text("(1 (2 It) (0 (1 not) (4 good)))\n")
    row = read({"train": tmp_path / "a"})["train"][0]
    found = [(row["text"][e["start"] : e["end"]], e["weight"]) for e in row["evidence"]]
    assert found == [("not", 0.5), ("good", 1.0)]


def test_escapes_are_undone_and_a_no_break_space_stays_inside_its_word(tmp_path):
    (tmp_path / "a").write_text("(3 (2 -LRB-) (3 (2 8\u00a01\\/2) (3 (3 f\\*\\*k) (2 -RRB-))))\n", encoding="utf-8")
    row = read({"train": tmp_path / "a"})["train"][0]
    assert row["text"] == "( 8\u00a01/2 f**k )"
    assert [row["text"][e["start"] : e["end"]] for e in row["evidence"]] == ["f**k"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("(3 (2 It) (4 good)", "ends with 1 open"),
        ("(3 (2 It) (4 go", "ends with 2 open"),
        ("(3 (2 It) (4 good)))", "after the end"),
        (") (3 good)", "closing bracket too many"),
        ("(5 (2 It) (4 good))", "label '5' is not 0"),
        ("(3 (x It) (4 good))", "label 'x' is not 0"),
        ("(3 It good)", "second word 'good'"),
        ("(3 (2 It) good)", "second word 'good'"),
        ("(3 It (4 good))", "'It' has a child"),
        ("((2 It) (4 good))", "a node without a label"),
        ("(3)", "without a word"),
        ("()", "without a word"),
        ("3 good", "outside brackets"),
        ("", "empty line"),
    ],
)
def test_a_malformed_tree_is_told_with_file_and_line(tmp_path, line, message):
    (tmp_path / "train.txt").write_text(f"(3 good)\n{line}\n")
    with pytest.raises(DataError, match=rf"train.txt, line 2: a malformed or truncated tree: .*{message}"):
        read({"train": tmp_path / "train.txt"})


def test_a_file_that_is_not_text_is_told(tmp_path):
    (tmp_path / "a").write_bytes(b"(3 caf\xe9)\n")
    with pytest.raises(DataError, match="not UTF-8"):
        read({"train": tmp_path / "a"})


def test_a_deep_tree_is_parsed():
    deep = "(3 (2 a) " * 5000 + "(3 b)" + ")" * 5000
    assert len(parse(deep)[1]) == 5001


@pytest.mark.real_data
def test_real_trees_have_the_published_counts_and_the_sentences_of_the_other_distribution():
    mirror = data_mirror() / "sst"
    rows = read({split: mirror / "trees" / f"{split}.txt" for split in ("train", "dev", "test")})
    assert {split: len(found) for split, found in rows.items()} == {"train": 6920, "dev": 872, "test": 1821}
    for split, found in rows.items():
        lines = (mirror / f"stsa.binary.{split}").read_text(encoding="utf-8").splitlines()
        other = Counter((int(line[0]), letters(line[2:])) for line in lines)
        ours = Counter((row["label"], letters(row["text"])) for row in found)
        assert (other & ours).total() == len(found)


def letters(text):
    """Letters alone: the other distribution keeps bracket escapes and spells accents otherwise."""
    plain = text.lower().replace("-lrb-", "").replace("-rrb-", "")
    return "".join(c for c in plain if c.isascii() and c.isalpha())
