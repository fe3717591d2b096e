"""A zip file whose bytes depend on its content alone: fixed dates, fixed order, one compression level."""

import os
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
_MODE = 0o644 << 16


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` (name in the archive -> content) to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with ZipFile(partial, "w") as archive:
        for name in sorted(files):
            entry = ZipInfo(name, _DATE)
            entry.compress_type, entry.external_attr, entry.create_system = ZIP_DEFLATED, _MODE, 3
            archive.writestr(entry, files[name], compresslevel=6)
    partial.replace(path)
