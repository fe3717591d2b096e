"""Expected rows are the contents of the archive packed here."""

import pytest

from attnexplain.errors import DataError
from reader_specs import ids, read, write_tar


def archive(folder, order=1):
    files = {
        "aclImdb/README": "text",
        "aclImdb/train/unsup/1_0.txt": "unlabelled",
        "aclImdb/train/urls_pos.txt": "http",
    }
    for split in ("train", "test"):
        for label, rating in (("neg", 2), ("pos", 9)):
            for n in range(10):
                files[f"aclImdb/{split}/{label}/{n}_{rating}.txt"] = f"{split} {label} {n}<br /><br />ends"
    return write_tar(folder / "imdb.tar.xz", dict(list(files.items())[::order]))


def test_reviews_keep_their_split_and_label_and_the_rest_is_passed_over(tmp_path):
    splits = read("imdb", {"archive": archive(tmp_path)})
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 16, "dev": 4, "test": 20}
    for rows in splits.values():
        for row in rows:
            split, folder, rest = row["example_id"].split("-")
            assert row["text"] == f"{split} {folder} {rest.partition('_')[0]} ends"
            assert row["label"] == ["neg", "pos"].index(folder)
    assert all(identifier.startswith("train-") for identifier in ids(splits["dev"]))
    assert [row["label"] for row in splits["dev"]] == [0, 0, 1, 1]


def test_the_draws_do_not_hang_on_the_order_of_the_members(tmp_path):
    first = read("imdb", {"archive": archive(tmp_path)}, test_fraction=0.2)
    second = read("imdb", {"archive": archive(tmp_path, order=-1)}, test_fraction=0.2)
    assert first == second
    assert [row["label"] for row in first["test"]] == [0, 0, 1, 1]


def test_an_archive_without_test_reviews_is_told(tmp_path):
    path = write_tar(tmp_path / "a.tar.gz", {"aclImdb/train/pos/0_9.txt": "good"})
    with pytest.raises(DataError, match=r"a\.tar\.gz: no reviews of test in it"):
        read("imdb", {"archive": path})


def test_a_review_that_is_not_utf_8_is_told_with_its_member(tmp_path):
    path = write_tar(tmp_path / "a.tar.gz", {"aclImdb/train/pos/0_9.txt": b"caf\xe9"})
    with pytest.raises(DataError, match=r"aclImdb/train/pos/0_9\.txt: not utf-8"):
        read("imdb", {"archive": path})


def test_the_file_must_be_named_archive(tmp_path):
    with pytest.raises(DataError, match=r"no `archive` among the files \(train\)"):
        read("imdb", {"train": tmp_path / "a"})
