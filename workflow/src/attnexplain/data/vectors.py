"""Word vectors in GloVe's or fastText's text form, read for the words of a vocabulary alone."""

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from attnexplain.errors import DataError


def read_vectors(path: Path, vocabulary: Mapping[str, int]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Matrix (V, E) float32 and the mask (V,) of words found; rows of words not found are zeros.

    One line is a word and E numbers, split by blanks; a word may hold blanks itself (GloVe 840B has such). A first line
    of two integers is fastText's header. Of a repeated word the first line counts. `.gz` is read as it is.
    """
    size: int | None = None
    rows: dict[int, NDArray[np.float32]] = {}
    try:
        with _open(path) as file:
            for number, line in enumerate(tqdm(file, desc=path.name, unit=" words", disable=None), start=1):
                fields = line.rstrip("\r\n ").split(" ")
                if number == 1 and _is_header(fields):
                    size = int(fields[1])
                    continue
                size = size or len(fields) - 1
                _check(fields, size, path, number)
                row = vocabulary.get(" ".join(fields[:-size]))
                if row is not None and row not in rows:
                    rows[row] = _numbers(fields[-size:], path, number)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: a truncated or corrupt file ({error}); fetch it again.") from error
    if size is None:
        raise DataError(f"{path}: no word vectors in it; expected lines of a word and its numbers.")
    return _matrix(rows, len(vocabulary), size)


def _open(path: Path) -> IO[str]:
    if not path.is_file():
        raise DataError(f"{path}: no such file of word vectors; correct `vectors` or set data_mirror.")
    opened = gzip.open if path.suffix == ".gz" else open
    # Published files hold a few words of broken UTF-8, which match nothing anyway; only \n ends a line.
    return cast(IO[str], opened(path, "rt", encoding="utf-8", errors="replace", newline="\n"))


def _is_header(fields: list[str]) -> bool:
    return len(fields) == 2 and all(field.isdecimal() for field in fields)


def _check(fields: list[str], size: int, path: Path, number: int) -> None:
    if size < 1 or len(fields) < size + 1:
        raise DataError(
            f"{path}, line {number}: a word and {max(size, 1)} numbers expected, found {len(fields)} fields; "
            "the file is truncated or no text file of word vectors."
        )


def _numbers(fields: list[str], path: Path, number: int) -> NDArray[np.float32]:
    try:
        vector = np.array(fields, dtype=np.float32)
    except ValueError as error:
        raise DataError(f"{path}, line {number}: not a number ({error}); fetch the file again.") from error
    if not np.isfinite(vector).all():
        raise DataError(f"{path}, line {number}: a vector with infinite or missing numbers; fetch the file again.")
    return vector


def _matrix(
    rows: Mapping[int, NDArray[np.float32]], words: int, size: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    matrix, found = np.zeros((words, size), np.float32), np.zeros(words, bool)
    for row, vector in rows.items():
        matrix[row], found[row] = vector, True
    return matrix, found
