"""Stage: a list of files that are too many for the job that reads them."""

from collections.abc import Sequence
from pathlib import Path

from attnexplain.errors import ResultError
from attnexplain.gathered import write_list


def run(*, files: Sequence[Path], output: Path) -> None:
    """Write the list of `files` with the SHA-256 of each (`gathered.py`)."""
    missing = next((path for path in files if not path.is_file()), None)
    if missing:
        raise ResultError(f"{missing}: no such file; run the rule that writes it")
    write_list(output, files)
