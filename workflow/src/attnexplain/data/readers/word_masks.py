"""Lines of a label, a tab and a text, beside lines of 0 and 1 that say of each word whether it is marked.

So Pruthi et al. (2020) release their sentences, with the words that attention is to keep off marked; marked words are
the evidence. Files: `train`, `dev`, `test`, and for each of them that is there its mask (`train_mask`, ...). Words are
what stands between blanks.
"""

from pathlib import Path
from typing import Any

from attnexplain.data.canonical import example_id
from attnexplain.data.evidence_forms import read_evidence
from attnexplain.data.missing_splits import draw_missing
from attnexplain.data.text_files import opened
from attnexplain.errors import DataError

FACTS = {
    "name": "word-masks",
    "title": "Lines of texts, with masks of their words",
    "citation": "Pruthi et al. (2020)",
    "needs": [],
    "options": {
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

_MASK = "_mask"


def read(
    files: dict[str, Path], *, dev_fraction: float, test_fraction: float, split_seed: int
) -> dict[str, list[dict[str, Any]]]:
    """Split -> rows; identifiers are `<split>-<line from 1>`."""
    splits = {name: path for name, path in files.items() if not name.endswith(_MASK)}
    absent = [name + _MASK for name in splits if name + _MASK not in files]
    if absent:
        raise DataError(f"no {' and '.join(absent)} among the files ({', '.join(files)}).")
    read = {name: _rows(name, path, files[name + _MASK]) for name, path in splits.items()}
    return draw_missing(read, {"test": test_fraction, "dev": dev_fraction}, split_seed)


def _rows(split: str, texts: Path, masks: Path) -> list[dict[str, Any]]:
    lines, marks = _lines(texts), _lines(masks)
    if len(lines) != len(marks):
        raise DataError(f"{texts} has {len(lines)} lines and {masks} {len(marks)}; each text needs its mask.")
    pairs = zip(lines, marks, strict=True)
    return [_row(f"line {at}", example_id(split, at), *pair, texts, masks) for at, pair in enumerate(pairs, start=1)]


def _row(at: str, identifier: str, line: str, mask: str, texts: Path, masks: Path) -> dict[str, Any]:
    label, tab, text = line.partition("\t")
    if not tab:
        raise DataError(f"{texts}, {at}: expected a label, a tab and a text.")
    words, marks = text.split(), mask.split()
    if len(words) != len(marks) or not set(marks) <= {"0", "1"}:
        raise DataError(f"{masks}, {at}: expected a 0 or a 1 for each of {len(words)} words, found {len(marks)} marks.")
    marked = [index for index, mark in enumerate(marks) if mark == "1"]
    evidence = read_evidence(marked, "tokens", text, 0, "")
    return {"example_id": identifier, "text": text, "label": label, "evidence": evidence}


def _lines(path: Path) -> list[str]:
    # Only \n ends a line: the texts are of the web, and may hold other characters that str.splitlines() takes for one.
    with opened(path) as file:
        lines = [line.removesuffix("\r") for line in file.read().split("\n")]
    return lines[:-1] if lines[-1] == "" else lines
