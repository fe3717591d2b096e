"""Lists of files, for jobs that read more files than a job is given: paths beside SHA-256, as `sha256sum` has them."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from attnexplain.errors import ResultError

SUFFIX = ".sha256"


def write_list(output: Path, files: Iterable[Path]) -> None:
    """List files, ordered by path, with what is in them: another content makes another list."""
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    partial.write_text("".join(f"{_digest(path)}  {path}\n" for path in sorted(files)), encoding="utf-8")
    partial.replace(output)


def listed(paths: Sequence[Path]) -> list[Path]:
    """The files in the lists among `paths`, ordered by path; without lists, `paths` as they are."""
    if not any(path.suffix == SUFFIX for path in paths):
        return list(paths)
    return sorted(file for path in paths for file in (_read(path) if path.suffix == SUFFIX else [path]))


def _read(path: Path) -> list[Path]:
    files = [Path(line.partition("  ")[2]) for line in path.read_text(encoding="utf-8").splitlines()]
    for file in files:
        if not file.is_file():
            raise ResultError(f"{file}: no such file, and {path} has it; `snakemake --forcerun gather` makes it anew")
    return files


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
