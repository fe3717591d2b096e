"""Files of credentialed data sets are the user's alone: folders of mode 700, files of mode 600, whatever the umask."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPEN, CREDENTIALED = "open", "credentialed"


@contextmanager
def guarded(access: str, *folders: Path) -> Iterator[None]:
    """In the block, what is made is the user's alone if `access` is credentialed; so are `folders` that exist.

    Snakemake makes the folders of a job's outputs before the job, with the umask of the user's shell. Folders above
    those given stay as they are: open data lies there too.
    """
    if access != CREDENTIALED:
        yield
        return
    for folder in folders:
        folder.parent.mkdir(parents=True, exist_ok=True)
    before = os.umask(0o077)
    try:
        _close(folders)
        yield
        _close(folders)
    finally:
        os.umask(before)


def _close(folders: tuple[Path, ...]) -> None:
    for folder in folders:
        if folder.is_dir():
            folder.chmod(0o700)
            for path in folder.iterdir():
                path.chmod(0o700 if path.is_dir() else 0o600)
