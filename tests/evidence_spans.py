"""Words that evidence spans spell, and random examples to check them on."""

import random
from typing import Any


def spelt(row: dict[str, Any], segment: int, annotator: int = 0) -> list[str]:
    """What an annotator's spans of a segment spell, in their order; empty spans left out."""
    text = row["text_pair"] if segment else row["text"]
    spans = [s for s in row["evidence"] if (s["segment"], s["annotator"]) == (segment, annotator)]
    return [text[s["start"] : s["end"]] for s in spans if s["start"] < s["end"]]


def sample(rows: list[Any], size: int = 200) -> list[Any]:
    """A random sample, the same every time."""
    return random.Random(0).sample(rows, min(size, len(rows)))
