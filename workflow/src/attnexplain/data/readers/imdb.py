"""Large Movie Review Dataset v1.0 (Maas et al. 2011), read from the packed archive.

Members `aclImdb/{train,test}/{neg,pos}/<number>_<rating>.txt`; others (`unsup`, word counts) are passed over. `<br />`
becomes a blank. There is no dev split: it is drawn from train, stratified. Jain and Wallace (2019) tested on 20 % of
those test reviews that are shorter than 400 tokens: `test_fraction` 0.2 and the tokeniser's `max_length` 399.
"""

import re
from pathlib import Path

from attnexplain.data.archives import decoded, members
from attnexplain.data.missing_splits import draw_missing
from attnexplain.errors import DataError

FACTS = {
    "name": "imdb",
    "title": "Large Movie Review Dataset, archive",
    "citation": "Maas et al. (2011)",
    "needs": [],
    "options": {
        "dev_fraction": {
            "type": "number",
            "default": 0.2,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of the training reviews that becomes dev.",
        },
        "test_fraction": {
            "type": "number",
            "default": 1.0,
            "exclusiveMinimum": 0,
            "maximum": 1,
            "description": "Share of the test reviews that is kept.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of those two draws."},
    },
}

_REVIEW = re.compile(r"(?:.*/)?(train|test)/(neg|pos)/(\d+)_(\d+)\.txt")
_BREAK = re.compile(r"(?:<br\s*/?>)+")
_LABELS = {"neg": 0, "pos": 1}


def read(
    files: dict[str, Path], *, dev_fraction: float, test_fraction: float, split_seed: int
) -> dict[str, list[dict]]:
    """Split -> rows from the one file `archive`; identifiers are `<split>-<class>-<number>_<rating>`."""
    if "archive" not in files:
        raise DataError(f"no `archive` among the files ({', '.join(files)}); name the packed data set so.")
    splits = _splits(files["archive"])
    test = draw_missing({"train": splits["test"]}, {"test": test_fraction}, split_seed)["test"]
    return draw_missing({**splits, "test": test}, {"dev": dev_fraction}, split_seed)


def _splits(path: Path) -> dict[str, list[dict]]:
    found: dict[str, list[tuple[str, int, dict]]] = {"train": [], "test": []}
    for name, content in members(path):
        if review := _REVIEW.fullmatch(name):
            split, folder, number, rating = review.groups()
            text = _BREAK.sub(" ", decoded(content, "utf-8", f"{path}, {name}"))
            identifier = f"{split}-{folder}-{number}_{rating}"
            row = {"example_id": identifier, "text": text, "label": _LABELS[folder]}
            found[split].append((folder, int(number), row))
    absent = [split for split, rows in found.items() if not rows]
    if absent:
        raise DataError(f"{path}: no reviews of {' and '.join(absent)} in it; expected aclImdb/train/pos/0_9.txt ...")
    # Archives differ in the order of their members; the draws must not.
    return {split: [row for _, _, row in sorted(rows, key=lambda one: one[:2])] for split, rows in found.items()}
