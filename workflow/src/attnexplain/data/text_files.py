"""Opening text files of users: gzipped or not, in any encoding, with one clear message where they cannot be read."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from attnexplain.errors import DataError


@contextmanager
def opened(path: Path, encoding: str = "utf-8") -> Iterator[IO[str]]:
    """The file as text, line ends as they are; whatever reading it raises is told as a DataError.

    A byte-order mark before UTF-8 is no part of the text.
    """
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else encoding
    try:
        with _open(path, name) as file:
            yield file
    except LookupError as error:
        if "encoding" not in str(error):
            raise
        message = f"{path}: unknown encoding {encoding!r}; set option `encoding` to one that Python knows (latin-1)."
        raise DataError(message, message) from error
    except UnicodeError as error:
        message = (
            f"{path}{_line(path, name)}: not {encoding.upper()} text ({_reason(error)}); "
            "set option `encoding` (latin-1, cp1252, utf-16), or save the file again."
        )
        raise DataError(message, message) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{path}: truncated or corrupt ({error}); fetch or save it again."
        raise DataError(message, message) from error


def _open(path: Path, encoding: str) -> IO[str]:
    if path.suffix == ".gz":
        return cast(IO[str], gzip.open(path, "rt", encoding=encoding, newline=""))
    return path.open("rt", encoding=encoding, newline="")


def _reason(error: UnicodeError) -> str:
    return error.reason if isinstance(error, UnicodeDecodeError) else "no byte-order mark"


def _line(path: Path, encoding: str) -> str:
    """`, line 7`: the first line that cannot be read; nothing for encodings whose lines do not end in a plain byte."""
    if encoding.lower().startswith(("utf-16", "utf_16", "utf-32", "utf_32")):
        return ""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return f", line {number}"
    return ""
