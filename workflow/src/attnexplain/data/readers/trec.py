"""TREC questions (Li & Roth 2002), six coarse classes. One line is `COARSE:fine question`, latin-1.

There is no dev split: it is drawn from train, stratified. Questions that occur twice in the original stay in it.
"""

from pathlib import Path

from attnexplain.data.canonical import example_id
from attnexplain.data.missing_splits import draw_missing
from attnexplain.errors import DataError

FACTS = {
    "name": "trec",
    "title": "TREC questions",
    "citation": "Li and Roth (2002)",
    "needs": [],
    "options": {
        "dev_fraction": {
            "type": "number",
            "default": 0.1,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of train that becomes dev.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of that draw."},
    },
}


def read(files: dict[str, Path], *, dev_fraction: float, split_seed: int) -> dict[str, list[dict]]:
    """Split -> rows; labels are the coarse classes (`ABBR`, ...), identifiers count the lines from 1."""
    absent = [split for split in ("train", "test") if split not in files]
    if absent:
        raise DataError(f"no {' and '.join(absent)} among the files ({', '.join(files)}).")
    splits = {split: _rows(files[split], split) for split in ("train", "test")}
    return draw_missing(splits, {"dev": dev_fraction}, split_seed)


def _rows(path: Path, split: str) -> list[dict]:
    rows = []
    lines = path.read_text(encoding="latin-1").split("\n")
    for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines, start=1):
        classes, _, question = line.removesuffix("\r").partition(" ")
        coarse, colon, _ = classes.partition(":")
        if not colon or not question.strip():
            raise DataError(f"{path}, line {number}: expected `CLASS:subclass question`, found {line[:40]!r}.")
        rows.append({"example_id": example_id(split, number), "text": question, "label": coarse})
    return rows
