"""Files and folders that a job was still writing when it was killed.

Everything is written under a name of its own and moved to its place when it is whole: `.<name>.<process>.tmp`, or a
folder `.<name>.<eight letters>`. A job that ends, in whatever way, takes these with it; only one that is killed
without a word (SIGKILL, a lost machine) leaves them. Nobody reads them, and nobody else removes them.
"""

import re
import shutil
from collections.abc import Iterator
from os import walk
from pathlib import Path

from attnexplain.jobs.records import RUNNING, read_record, record_path

TOPS = (Path("results"), Path("resources"), Path("scratch"))
DOWNLOADS = ".downloads"
_ENDING = r"\.(\d+\.tmp|tmp|[a-z0-9_]{8})"
_PARTIAL = re.compile(rf"\..+{_ENDING}|\.removed-.+")
_DOWNLOADED = re.compile(r"tmp[a-z0-9_]{8}")  # as Python's `tempfile` names them


def leftovers() -> list[Path]:
    """All of them in the working directory, sorted; while jobs run, what they are writing is among them."""
    return sorted(path for top in TOPS for path in _partial(top))


def remove_leftovers(output: Path) -> None:
    """Remove what earlier jobs left that were to write `output`; nothing while one of them lives, or may live.

    An `output` outside the working directory is no job of the workflow, and nothing is removed there.
    """
    record = read_record(output)
    if record_path(output) is None or (record and record.state == RUNNING and record.is_alive is not False):
        return
    for beside in (output, output.parent):
        names = re.compile(rf"\.{re.escape(beside.name)}{_ENDING}")
        for path in [path for path in _listed(beside.parent) if names.fullmatch(path.name)]:
            remove(path)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder; what is gone already is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _partial(top: Path) -> Iterator[Path]:
    for name, folders, files in walk(top):
        folder = Path(name)
        names = _DOWNLOADED if folder.name == DOWNLOADS else _PARTIAL
        yield from (folder / one for one in (*folders, *files) if names.fullmatch(one))
        folders[:] = [one for one in folders if not names.fullmatch(one)]


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
