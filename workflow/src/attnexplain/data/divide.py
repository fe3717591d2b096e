"""Splits that a data set's publishers did not make: drawn by a seed, stratified by label."""

from collections.abc import Sequence

from attnexplain.data.stratify import stratified
from attnexplain.seeding import generator


def divide(rows: Sequence[dict], size: int, seed: int, split: str) -> tuple[list[dict], list[dict]]:
    """The rows that stay and the `size` rows that become `split`, both in their old order."""
    drawn = set(stratified([str(row["label"]) for row in rows], size, generator(seed, "split", split)))
    stay = [row for position, row in enumerate(rows) if position not in drawn]
    return stay, [rows[position] for position in sorted(drawn)]


def three_ways(rows: Sequence[dict], test: float, dev: float, seed: int) -> dict[str, list[dict]]:
    """Train, dev and test of a data set in one piece; `test` and `dev` are shares of the whole."""
    sizes = {"test": round(test * len(rows)), "dev": round(dev * len(rows))}
    rest, tested = divide(rows, sizes["test"], seed, "test")
    rest, developed = divide(rest, sizes["dev"], seed, "dev")
    return {"train": rest, "dev": developed, "test": tested}
