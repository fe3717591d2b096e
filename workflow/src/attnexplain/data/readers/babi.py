"""bAbI tasks 1 to 3 in their original files (Weston et al. 2015), version 1.2; supporting facts as evidence.

Files: `train`, `test` and, where there is one, `dev`. Without it, dev is drawn from train: whole stories, since the
questions of a story share its sentences (Jain and Wallace's code draws single questions).
"""

from pathlib import Path

from attnexplain.data.readers.babi_format import parse, rows
from attnexplain.errors import DataError
from attnexplain.seeding import generator

FACTS = {
    "name": "babi",
    "title": "bAbI, original files",
    "citation": "Weston et al. (2015)",
    "needs": [],
    "options": {
        "dev_fraction": {
            "type": "number",
            "default": 0.15,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of the questions of train that becomes dev where there is no dev file.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of that draw."},
    },
}


def read(files: dict[str, Path], *, dev_fraction: float, split_seed: int) -> dict[str, list[dict]]:
    """Split -> rows; identifiers count the questions of the original file, kept where one moves to dev."""
    if "train" not in files:
        raise DataError(f"no `train` among the files ({', '.join(files)}); dev may be left out, train not.")
    stories = {split: rows(parse(path), split) for split, path in files.items()}
    if "dev" not in stories:
        stories["train"], stories["dev"] = _divide(stories["train"], dev_fraction, split_seed)
    return {split: [row for story in found for row in story] for split, found in stories.items()}


def _divide(stories: list[list[dict]], fraction: float, seed: int) -> tuple[list[list[dict]], list[list[dict]]]:
    """Stories left in train and those drawn: at least `fraction` of all questions, by less than a story."""
    wanted, drawn, count = fraction * sum(map(len, stories)), set(), 0
    for place in generator(seed, "split", "dev").permutation(len(stories)):
        if count >= wanted:
            break
        drawn.add(int(place))
        count += len(stories[place])
    left = [story for place, story in enumerate(stories) if place not in drawn]
    return left, [stories[place] for place in sorted(drawn)]
