"""What the generated data sets share: sizes, choices, and rendering of marked words as text with evidence spans."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from attnexplain.data.canonical import example_id
from attnexplain.seeding import generator

Marked = tuple[str, bool]  # a word and whether it is evidence
T = TypeVar("T")


def splits(
    sizes: dict[str, int], seed: int, make: Callable[[int, int, np.random.Generator], list[list[Marked]]]
) -> dict[str, list[dict]]:
    """Split -> rows; `make(number, label, generator)` writes the clauses of one example. Labels are balanced."""
    rows = {}
    for split, size in sizes.items():
        rng = generator(seed, "generation", split)
        order = rng.permutation(size)
        rows[split] = [_row(split, row, int(n), make, rng) for row, n in enumerate(order, start=1)]
    return rows


def choose(options: Sequence[T], rng: np.random.Generator) -> T:
    """One of the options, each alike."""
    return options[int(rng.integers(len(options)))]


def words(text: str) -> list[str]:
    """A word list, written as one line."""
    return text.split()


def plain(text: str) -> list[Marked]:
    """Words without evidence."""
    return [(word, False) for word in text.split()]


def render(clauses: Sequence[Sequence[Marked]]) -> tuple[str, list[dict]]:
    """Text of the clauses, each a sentence of its own, and the spans of its evidence in characters."""
    text, spans = "", []
    for clause in clauses:
        for word, marked in clause:
            text += " " if text else ""
            if marked:
                spans.append(
                    {"segment": 0, "start": len(text), "end": len(text) + len(word), "annotator": 0, "weight": 1.0}
                )
            text += word
        text += "."
    return text, spans


def _row(
    split: str,
    row: int,
    number: int,
    make: Callable[[int, int, np.random.Generator], list[list[Marked]]],
    rng: np.random.Generator,
) -> dict:
    label = number % 2
    text, evidence = render(make(number // 2, label, rng))
    return {"example_id": example_id(split, row), "text": text, "label": label, "evidence": evidence}
