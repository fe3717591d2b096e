"""Source `url`: an archive or a single file on the web, downloaded once and checked by its SHA-256.

Members are read one by one and written under names of our own, so no path inside an archive is trusted.
"""

import hashlib
import lzma
import shutil
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

from tqdm import tqdm

from attnexplain.data.originals import verify
from attnexplain.errors import DataError, nearest
from attnexplain.registry import load

ATTEMPTS = 3
TIMEOUT = 60  # seconds without a byte
_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_CORRUPT = (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError)


def rows(source: dict[str, Any], *, mirror: Path | None, cache: Path) -> dict[str, list[dict]]:
    """Split -> rows, by the source's reader, from the files of the archive (or the single file) at `url`."""
    archive = fetch(source["url"], source.get("sha256"), cache)
    reader = source["reader"]
    read = load("reader", reader["name"])
    with TemporaryDirectory(dir=cache) as folder:
        return dict(read(_extract(archive, source, Path(folder)), **reader["options"]))


def fetch(url: str, sha256: str | None, cache: Path) -> Path:
    """The file at `url`, from the cache where it lies there whole; raises DataError after three failures."""
    path, name = cached(url, sha256, cache), _name(url)
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache) as folder:
            partial = Path(folder) / name
            _download(url, partial)
            verify(partial, sha256)
            partial.replace(path)
    verify(path, sha256)
    return path


def cached(url: str, sha256: str | None, cache: Path) -> Path:
    """Where the cache keeps the file at `url`."""
    return cache / f"{hashlib.sha256(f'{url} {sha256}'.encode()).hexdigest()[:8]}-{_name(url)}"


def _name(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name or "download"


def _download(url: str, path: Path) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _copy(url, path)
            return
        except (OSError, HTTPException, ValueError) as error:
            # 4xx says that asking again will not help; ValueError is a malformed address.
            final = isinstance(error, ValueError) or (isinstance(error, HTTPError) and error.code < 500)
            if final or attempt == ATTEMPTS:
                raise DataError(
                    f"{url}: cannot be downloaded ({error}), tried {attempt} times. Check the network and the address, "
                    "or fetch the original files elsewhere and set data_mirror to their folder."
                ) from error
            time.sleep(2**attempt)


def _copy(url: str, path: Path) -> None:
    with urlopen(url, timeout=TIMEOUT) as response, path.open("wb") as file:
        length = int(response.headers.get("Content-Length") or 0) or None
        with tqdm.wrapattr(response, "read", total=length, desc=path.name, disable=None) as body:
            shutil.copyfileobj(body, file)
    if length and path.stat().st_size != length:
        raise OSError(f"the connection broke after {path.stat().st_size} of {length} bytes")


def _extract(archive: Path, source: dict[str, Any], folder: Path) -> dict[str, Path]:
    wanted = {key: file["path"] for key, file in source["files"].items()}
    name = archive.name.lower()
    if not name.endswith((".zip", *_TAR)):
        return _single(archive, wanted, source["url"])
    found = {}
    try:
        with _opened(archive) as members:
            for key, path in wanted.items():
                found[key] = folder / key / PurePosixPath(path).name
                found[key].parent.mkdir()
                with members.open(path) as packed, found[key].open("wb") as file:
                    shutil.copyfileobj(packed, file)
    except _CORRUPT as error:
        if isinstance(error, OSError) and error.errno:
            raise  # a full disk says nothing about the archive
        archive.unlink()
        raise DataError(
            f"{source['url']}: a truncated or corrupt archive ({_first_line(error)}). The download was removed: "
            "run again, and register its SHA-256, so that a broken download is noticed at once."
        ) from error
    return found


def _first_line(error: BaseException) -> str:
    return f"{error}".partition("\n")[0].rstrip(":") or type(error).__name__


def _single(path: Path, wanted: dict[str, str], url: str) -> dict[str, Path]:
    if len(wanted) != 1:
        raise DataError(f"{url}: a single file (no .zip or .tar), yet `files` names {len(wanted)}; name one.")
    return dict.fromkeys(wanted, path)


class _Members:
    """The one operation needed of an archive: open a regular member by its path."""

    def __init__(self, archive: zipfile.ZipFile | tarfile.TarFile, path: Path) -> None:
        self.archive, self.path = archive, path
        self.names = archive.namelist() if isinstance(archive, zipfile.ZipFile) else archive.getnames()

    def open(self, name: str) -> IO[bytes]:
        if name not in self.names:
            raise DataError(f"{self.path}: the archive holds no {name!r}. {nearest(name, self.names)}")
        opened = (
            self.archive.open(name) if isinstance(self.archive, zipfile.ZipFile) else self.archive.extractfile(name)
        )
        if opened is None:
            raise DataError(f"{self.path}: {name!r} in the archive is no regular file; name a file.")
        return opened


@contextmanager
def _opened(path: Path) -> Iterator[_Members]:
    if path.name.lower().endswith(".zip"):
        with zipfile.ZipFile(path) as packed:
            yield _Members(packed, path)
    else:
        with tarfile.open(path) as packed_tar:
            yield _Members(packed_tar, path)
