"""What tests of readers share: complete options of a reader, small archives, and the words of evidence."""

import io
import tarfile
from pathlib import Path
from typing import Any

from attnexplain.registry import facts, load


def read(name: str, files: dict[str, Path], **changes: Any) -> dict[str, list[dict]]:
    """Rows by a reader, its other options at their defaults."""
    defaults = {key: option["default"] for key, option in facts("reader", name)["options"].items()}
    return dict(load("reader", name)(files, **{**defaults, **changes}))


def write_tar(path: Path, files: dict[str, str | bytes]) -> Path:
    """An archive packed as its name says (.tar.gz, .tar.xz), with a folder member besides the files."""
    with tarfile.open(path, f"w:{path.suffix[1:]}") as archive:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def spelled(row: dict) -> list[str]:
    """The texts under the evidence spans of a row."""
    return [row["text"][span["start"] : span["end"]] for span in row["evidence"]]


def ids(rows: list[dict]) -> list[str]:
    """Identifiers of rows."""
    return [row["example_id"] for row in rows]


def members_of(path: Path) -> dict[str, bytes]:
    """Files of an archive, by the library's random access."""
    with tarfile.open(path) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}  # type: ignore[union-attr]
