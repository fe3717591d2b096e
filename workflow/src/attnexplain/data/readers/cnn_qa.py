"""CNN question answering (Hermann et al. 2015) in its original question files, entities anonymised.

A `.question` file holds five blocks with an empty line between them: the address of the article, the passage, a
question with one `@placeholder`, the answer (`@entity4`), and the names behind the entities, one `@entity4:Name` each.
Text is the passage, candidates are the entities that occur in it, in their order.

Files: `train`, `dev`, `test`: a folder of question files, or a tar archive (also .gz, .bz2, .xz) of them, each. Or
`archive` alone: the original `cnn.tgz`, in which the folders `training`, `validation` and `test` are the splits.
An archive is read as a stream, without unpacking it.
"""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from attnexplain.errors import DataError

FACTS = {
    "name": "cnn-qa",
    "title": "CNN question answering, original question files",
    "citation": "Hermann et al. (2015)",
    "needs": [],
    "options": {},
}

FOLDERS = {"training": "train", "validation": "dev", "test": "test"}
SUFFIX = ".question"
_ENTITY = re.compile(r"@entity\d+")


def read(files: dict[str, Path]) -> dict[str, list[dict]]:
    """Split -> rows, by the names of the question files, which are part of the identifiers."""
    splits: dict[str, list[dict]] = {}
    for key, path in files.items():
        for name, content in _contents(path):
            split = FOLDERS.get(PurePosixPath(name).parent.name) if key == "archive" else key
            if split is not None:
                row = _row(f"{path}: {name}" if path.is_file() else f"{path / name}", content)
                splits.setdefault(split, []).append({"example_id": f"{split}-{PurePosixPath(name).stem}", **row})
        if not splits.get("train" if key == "archive" else key):
            raise DataError(f"{path}: no {SUFFIX} files in it; give the folder or archive that holds them.")
    return {split: sorted(rows, key=lambda row: str(row["example_id"])) for split, rows in splits.items()}


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each question file of a folder or archive."""
    if path.is_dir():
        for file in path.iterdir():
            if file.name.endswith(SUFFIX):
                yield file.name, file.read_bytes()
        return
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                if member.isfile() and member.name.endswith(SUFFIX):
                    packed = archive.extractfile(member)
                    yield member.name, packed.read() if packed else b""
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DataError(f"{path}: no folder, and no readable tar archive ({error}); fetch it again.") from error


def _row(where: str, content: bytes) -> dict:
    try:
        blocks = content.decode("utf-8").strip("\n").split("\n\n")
        passage, question, answer = _checked(blocks)
    except ValueError as error:
        raise DataError(f"{where}: a malformed or truncated question: {error}. Fetch it again.") from error
    candidates = list(dict.fromkeys(_ENTITY.findall(passage)))
    if answer not in candidates:
        raise DataError(f"{where}: the answer {answer!r} is no entity of the passage; remove the question.")
    return {"text": passage, "text_pair": question, "answer": answer, "candidates": candidates}


def _checked(blocks: list[str]) -> tuple[str, str, str]:
    """Passage, question and answer; ValueError says what is wrong."""
    if len(blocks) != 5:
        raise ValueError(f"{len(blocks)} blocks between empty lines where there should be 5")
    _, passage, question, answer, names = blocks
    if question.split().count("@placeholder") != 1:
        raise ValueError(f"the question holds no single @placeholder: {question!r}")
    unnamed = [line for line in names.split("\n") if not re.match(r"@entity\d+:", line)]
    if unnamed:
        raise ValueError(f"{unnamed[0]!r} names no entity")
    return passage, question, answer
