"""Tar archives, read once from front to end: nothing is unpacked on disk, no member is sought."""

import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from attnexplain.errors import DataError

_CORRUPT = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError)


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and contents of every regular file of a tar archive (plain, gz, bz2, xz), in its own order."""
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None:
                    yield member.name, file.read()
    except _CORRUPT as error:
        if isinstance(error, OSError) and error.errno:
            raise  # a missing file or a broken disk says nothing about the archive
        said = f"{error}".partition("\n")[0] or type(error).__name__
        raise DataError(f"{path}: a truncated or corrupt archive ({said}); fetch it again.") from error


def decoded(content: bytes, encoding: str, where: str) -> str:
    """Text of a file's bytes; DataError where they are of another encoding."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not {encoding} text ({error}); fetch the original file again.") from error
