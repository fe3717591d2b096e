"""Expected matrices are the numbers of the files written here."""

import gzip

import numpy as np
import pytest

from attnexplain.data.vectors import read_vectors
from attnexplain.errors import DataError

VOCABULARY = {"<pad>": 0, "good": 1, "film": 2, ". . .": 3}
GLOVE = "good 1 2 3\nother 9 9 9\nfilm -1 0.5 2e-1\n. . . 7 8 9\ngood 0 0 0\n"
EXPECTED = np.array([[0, 0, 0], [1, 2, 3], [-1, 0.5, 0.2], [7, 8, 9]], np.float32)


def save(path, text):
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize(("name", "text"), [("v.txt", GLOVE), ("v.txt.gz", GLOVE), ("v.vec", f"5 3\n{GLOVE}")])
def test_rows_of_the_vocabulary_are_read_and_missing_ones_are_zero(tmp_path, name, text):
    matrix, found = read_vectors(save(tmp_path / name, text), VOCABULARY)
    np.testing.assert_array_equal(matrix, EXPECTED)
    assert matrix.dtype == np.float32
    assert found.tolist() == [False, True, True, True]


def test_fasttext_lines_end_in_a_blank(tmp_path):
    matrix, _ = read_vectors(save(tmp_path / "v.vec", "1 3\ngood 1 2 3 \n"), {"good": 0})
    assert matrix.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("good 1 2 3\nfilm 1 2\n", "line 2: a word and 3 numbers expected, found 3 fields"),
        ("good 1 2 x\n", "line 1: not a number"),
        ("good 1 2 nan\n", "line 1: a vector with infinite or missing"),
        ("", "no word vectors in it"),
        ("just\n", "line 1: a word and 1 numbers expected"),
    ],
)
def test_a_malformed_file_is_told_with_its_line(tmp_path, text, message):
    with pytest.raises(DataError, match=rf"v.txt.*{message}"):
        read_vectors(save(tmp_path / "v.txt", text), VOCABULARY)


def test_a_truncated_gzip_file_is_told(tmp_path):
    path = save(tmp_path / "v.txt.gz", GLOVE * 100)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="truncated or corrupt"):
        read_vectors(path, VOCABULARY)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DataError, match="no such file of word vectors"):
        read_vectors(tmp_path / "none.txt", VOCABULARY)
