"""Expected rows are the lines written here."""

import pytest

from attnexplain.errors import DataError
from reader_specs import ids, read


def files(folder, names=("bad", "good")):
    for name in names:
        (folder / name).write_bytes("".join(f"{name} text {n} \n" for n in range(1, 21)).encode())
    return {name: folder / name for name in names}


def test_the_files_name_the_classes_and_the_splits_are_stratified(tmp_path):
    splits = read("class-files", files(tmp_path), dev_fraction=0.1, test_fraction=0.2)
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 28, "dev": 4, "test": 8}
    for row in (row for rows in splits.values() for row in rows):
        name, number = row["example_id"].split("-")
        assert (row["label"], row["text"]) == (name, f"{name} text {int(number)}")
    assert sum(row["label"] == "good" for row in splits["test"]) == 4


def test_the_order_of_the_files_does_not_move_the_draw(tmp_path):
    given = files(tmp_path)
    assert read("class-files", given) == read("class-files", dict(reversed(given.items())))
    assert ids(read("class-files", given)["dev"]) != ids(read("class-files", given, split_seed=1)["dev"])


@pytest.mark.parametrize(("encoding", "text"), [("cp1252", "well… no"), ("latin-1", "well\x85 no")])
def test_a_byte_that_unicode_takes_for_a_line_end_ends_no_line(tmp_path, encoding, text):
    given = files(tmp_path)
    (tmp_path / "bad").write_bytes(b"well\x85 no\n" * 20)
    rows = [row for rows in read("class-files", given, encoding=encoding).values() for row in rows]
    assert {row["text"] for row in rows if row["label"] == "bad"} == {text}
    assert len(rows) == 40


def test_another_encoding_is_told(tmp_path):
    given = files(tmp_path)
    (tmp_path / "bad").write_bytes(b"caf\xe9\n")
    with pytest.raises(DataError, match=r"bad: not utf-8 text"):
        read("class-files", given)


def test_one_class_alone_is_refused(tmp_path):
    with pytest.raises(DataError, match="two at least; found bad"):
        read("class-files", files(tmp_path, ["bad"]))
