"""Original files on disk: where they are looked for, and whether they are the registered ones."""

import hashlib
from pathlib import Path

from attnexplain.errors import DataError

_CHUNK = 1 << 20  # bytes


def locate(path: str, mirror: Path | None) -> Path:
    """An absolute path as it stands; else relative to the mirror; else relative to the working directory."""
    asked = Path(path).expanduser()
    places = [asked] if asked.is_absolute() else [*([mirror / asked] if mirror else []), Path.cwd() / asked]
    for place in places:
        if place.is_file():
            return place
    hint = "check the path" if asked.is_absolute() else "set data_mirror to the folder that holds it"
    raise DataError(f"{path}: no such file. Looked for {' and '.join(map(str, places))}; {hint}.")


def verify(path: Path, sha256: str | None) -> None:
    """Refuse a file that is not the registered one; without a registered digest every file is accepted."""
    found = digest(path) if sha256 else None
    if found != sha256:
        raise DataError(
            f"{path}: not the registered file: SHA-256 {found}, expected {sha256} ({path.stat().st_size} bytes here). "
            "It is truncated, changed or another version: fetch it again, or register the digest of your own copy."
        )


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
