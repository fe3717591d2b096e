"""Splits that a data set comes without, drawn from its train split."""

from collections.abc import Mapping
from typing import Any

from attnexplain.data.stratify import stratified
from attnexplain.errors import DataError
from attnexplain.seeding import generator

Rows = list[dict[str, Any]]


def draw_missing(splits: Mapping[str, Rows], fractions: Mapping[str, float], seed: int) -> dict[str, Rows]:
    """`splits` with those of `fractions` that are missing drawn from train, stratified by label.

    A fraction is one of train as it came; rows keep their identifiers and their order.
    """
    if "train" not in splits:
        raise _refused(f"no `train` among the files ({', '.join(splits)}); dev and test may be left out, train not.")
    found = dict(splits)
    total = len(found["train"])
    for split in (name for name in fractions if name not in splits):
        size = round(fractions[split] * total)
        if total and not size:
            raise _refused(
                f"train has {total} examples, too few to draw {split} from ({fractions[split]:g} of them); "
                f"add a file for {split}, or raise `{split}_fraction`."
            )
        found["train"], found[split] = _divide(found["train"], size, split, seed)
    return found


def _divide(rows: Rows, size: int, split: str, seed: int) -> tuple[Rows, Rows]:
    if not rows:
        return [], []
    labels = [str(row["label"]) for row in rows]
    drawn = set(stratified(labels, size, generator(seed, "split", split)))
    rest = [row for position, row in enumerate(rows) if position not in drawn]
    return rest, [rows[position] for position in sorted(drawn)]


def _refused(message: str) -> DataError:
    return DataError(message, message)
