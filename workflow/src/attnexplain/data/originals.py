"""Original files on disk: where they are looked for, and whether they are the registered ones."""

import hashlib
from pathlib import Path

from attnexplain.errors import DataError

_CHUNK = 1 << 20  # bytes


def locate(path: str, mirror: Path | None) -> Path:
    """An absolute path as it stands; else relative to the mirror; else relative to the working directory.

    A file or a folder; where there is no `x.gz`, `x` is taken.
    """
    asked = Path(path).expanduser()
    places = [asked] if asked.is_absolute() else [*([mirror / asked] if mirror else []), Path.cwd() / asked]
    for place in places:
        if place.exists():
            return place
        if place.suffix == ".gz" and place.with_suffix("").is_file():
            return place.with_suffix("")
    hint = "check the path" if asked.is_absolute() else "set data_mirror to the folder that holds it"
    message = f"{path}: no such file. Looked for {' and '.join(map(str, places))}; {hint}."
    raise DataError(message, message)


def verify(path: Path, sha256: str | None) -> None:
    """Refuse a file that is not the registered one; without a registered digest every file is accepted."""
    found = digest(path) if sha256 else None
    if found != sha256:
        message = (
            f"{path}: not the registered file: SHA-256 {found}, expected {sha256} ({path.stat().st_size} bytes here). "
            "It is truncated, changed or another version: fetch it again, or register the digest of your own copy."
        )
        raise DataError(message, message)


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, or of the names and digests of a folder's files, as 64 hex digits."""
    found = hashlib.sha256()
    if path.is_dir():
        for member in sorted(member for member in path.rglob("*") if member.is_file()):
            found.update(f"{digest(member)}  {member.relative_to(path).as_posix()}\n".encode())
        return found.hexdigest()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
