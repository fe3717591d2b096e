"""A folder of texts, one file each: `folder/<split>/<class>/*.txt` or `folder/<class>/*.txt`.

Files: `folder`, the whole folder, or `train` (and `dev`, `test`), each a folder of classes. A class's folder is named
like it. Splits are `train`, `dev` (or `valid`, `validation`, `val`) and `test`; without them, and where one is
missing, examples are drawn from train, stratified by label. An identifier is the file's path.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnexplain.data.missing_splits import draw_missing
from attnexplain.data.text_files import opened
from attnexplain.errors import DataError

FACTS = {
    "name": "text-folder",
    "title": "A folder of texts",
    "citation": "",
    "needs": [],
    "options": {
        "pattern": {"type": "string", "default": "*.txt", "description": "Which files are texts."},
        "leave_out": {
            "type": "string",
            "default": "",
            "description": "Folders that are no class, comma-separated.",
        },
        "encoding": {"type": "string", "default": "utf-8", "description": "Encoding of the files, as Python names it."},
        "dev_fraction": {
            "type": "number",
            "default": 0.1,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of train that becomes dev where there is no dev.",
        },
        "test_fraction": {
            "type": "number",
            "default": 0.2,
            "exclusiveMinimum": 0,
            "maximum": 0.4,
            "description": "Share of train that becomes test where there is no test.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of those two draws."},
    },
}

_SPLITS = {"train": "train", "dev": "dev", "valid": "dev", "validation": "dev", "val": "dev", "test": "test"}


def read(
    files: dict[str, Path],
    *,
    pattern: str,
    leave_out: str,
    encoding: str,
    dev_fraction: float,
    test_fraction: float,
    split_seed: int,
) -> dict[str, list[dict]]:
    """Split -> rows, by split, class and file name."""
    skipped = {name.strip() for name in leave_out.split(",")}
    folders = _split_folders(files, skipped)
    splits = {split: list(_rows(split, root, pattern, encoding, skipped)) for split, root in folders.items()}
    return draw_missing(splits, {"test": test_fraction, "dev": dev_fraction}, split_seed)


def _split_folders(files: dict[str, Path], skipped: set[str]) -> dict[str, Path]:
    for path in files.values():
        if not path.is_dir():
            raise _refused(f"{path}: not a folder; name the folder that holds the classes or the splits.")
    if "folder" not in files:
        return files
    found: dict[str, Path] = {}
    for path in _folders(files["folder"], skipped):
        split = _SPLITS.get(path.name.lower())
        if split in found:
            raise _refused(f"{files['folder']}: {path.name!r} and {found[split].name!r} are both {split}; keep one.")
        if split:
            found[split] = path
    return found if "train" in found else {"train": files["folder"]}


def _folders(root: Path, skipped: set[str]) -> list[Path]:
    inside = sorted(root.iterdir())
    return [path for path in inside if path.is_dir() and path.name not in skipped and not path.name.startswith(".")]


def _rows(split: str, root: Path, pattern: str, encoding: str, skipped: set[str]) -> Iterator[dict[str, Any]]:
    classes = _folders(root, skipped)
    if not classes:
        raise _refused(f"{root}: no folders of classes in it; texts of a class lie in a folder named like the class.")
    for folder in classes:
        for path in sorted(folder.glob(pattern)):
            with opened(path, encoding) as file:
                text = file.read().removesuffix("\n").removesuffix("\r")
            yield {"example_id": f"{split}/{folder.name}/{path.name}", "text": text, "label": folder.name}


def _refused(message: str) -> DataError:
    return DataError(message, message)
