"""Expected rows are read off the lines written here."""

import pytest

from attnexplain.errors import DataError
from reader_specs import read

LINES = b"DESC:manner How did it begin ?\nNUM:count How many caf\xe9s are there ?\n"


def files(folder, train=LINES * 10, test=LINES):
    for name, content in (("train", train), ("test", test)):
        (folder / name).write_bytes(content)
    return {"train": folder / "train", "test": folder / "test"}


def test_labels_are_the_coarse_classes_and_bytes_are_latin_1(tmp_path):
    splits = read("trec", files(tmp_path))
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 18, "dev": 2, "test": 2}
    assert splits["test"] == [
        {"example_id": "test-00001", "text": "How did it begin ?", "label": "DESC"},
        {"example_id": "test-00002", "text": "How many cafés are there ?", "label": "NUM"},
    ]
    assert sorted(row["label"] for row in splits["dev"]) == ["DESC", "NUM"]


@pytest.mark.parametrize("line", ["How did it begin ?", "DESC:manner", "", "DESC:manner  "])
def test_a_line_of_another_form_is_told(tmp_path, line):
    with pytest.raises(DataError, match=r"test, line 3: expected `CLASS:subclass question`"):
        read("trec", files(tmp_path, test=LINES + line.encode() + b"\nDESC:x y ?\n"))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DataError, match="no test among the files"):
        read("trec", {"train": files(tmp_path)["train"]})
