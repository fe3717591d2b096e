"""AG News (Zhang et al. 2015), two of its four classes: World against Business, as in Jain and Wallace (2019).

Original files have no header and three quoted columns: class 1-4, title, description. `joined_train` says that the
train file holds title and description joined in its second column, and anything in the third. Dev is drawn from train,
stratified.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from attnexplain.data.canonical import example_id
from attnexplain.data.missing_splits import draw_missing
from attnexplain.errors import DataError

FACTS = {
    "name": "ag-news",
    "title": "AG News, World against Business",
    "citation": "Zhang et al. (2015)",
    "needs": [],
    "options": {
        "fields": {
            "type": "string",
            "default": "both",
            "enum": ["both", "description"],
            "description": "Text: title and description, joined by a blank, or the description alone.",
        },
        "joined_train": {
            "type": "boolean",
            "default": False,
            "description": "The train file holds the joined text in its second column.",
        },
        "dev_fraction": {
            "type": "number",
            "default": 0.15,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of train that becomes dev.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of that draw."},
    },
}

_LABELS = {"1": 0, "2": None, "3": 1, "4": None}


def read(
    files: dict[str, Path], *, fields: str, joined_train: bool, dev_fraction: float, split_seed: int
) -> dict[str, list[dict]]:
    """Split -> rows; identifiers count the rows of the original file from 1, those of other classes included."""
    absent = [split for split in ("train", "test") if split not in files]
    if absent:
        raise DataError(f"no {' and '.join(absent)} among the files ({', '.join(files)}).")
    if joined_train and fields != "both":
        raise DataError(f"{files['train']}: title and description are joined in it; set `fields: both`.")
    train = list(_rows(files["train"], "train", "second" if joined_train else fields))
    test = list(_rows(files["test"], "test", fields))
    return draw_missing({"train": train, "test": test}, {"dev": dev_fraction}, split_seed)


def _rows(path: Path, split: str, fields: str) -> Iterator[dict]:
    for number, (line, record) in enumerate(_records(path), start=1):
        if len(record) != 3 or record[0] not in _LABELS:
            raise DataError(f"{path}, line {line}: expected a class 1-4 and two texts, found {len(record)} columns.")
        label, second, third = record
        if _LABELS[label] is not None:
            text = {"both": f"{second} {third}", "description": third, "second": second}[fields]
            yield {"example_id": example_id(split, number), "text": text, "label": _LABELS[label]}


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(sys.maxsize)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            for record in reader:
                yield reader.line_num, record
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: not the original quoted CSV in UTF-8 ({error}); fetch it again.") from error
