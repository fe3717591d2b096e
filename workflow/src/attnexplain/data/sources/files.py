"""Source `files`: original distributions from a local mirror, or a user's own files."""

from pathlib import Path
from typing import Any

from attnexplain.data.originals import locate, verify
from attnexplain.registry import load


def rows(source: dict[str, Any], *, mirror: Path | None, cache: Path) -> dict[str, list[dict]]:
    """Split -> rows, by the source's reader; every file with a registered SHA-256 is checked first."""
    found = {key: locate(file["path"], mirror) for key, file in source["files"].items()}
    for key, file in source["files"].items():
        verify(found[key], file.get("sha256"))
    reader = source["reader"]
    return dict(load("reader", reader["name"])(found, **reader["options"]))
