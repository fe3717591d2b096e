"""Evidence of tokens from evidence of character spans."""

from collections.abc import Mapping, Sequence
from typing import Any


def token_evidence(
    spans: Sequence[Mapping[str, Any]], segments: Sequence[int], starts: Sequence[int], ends: Sequence[int]
) -> list[float]:
    """Per token, the mean over annotators of the largest weight among that annotator's spans that overlap it.

    In [0, 1]; a token without a span is 0. Annotators are those of the example's spans: one who marked nothing is
    recorded as an empty span (start = end), which overlaps no token.
    """
    annotators = sorted({span["annotator"] for span in spans})
    if not annotators:
        return [0.0] * len(starts)
    largest = {annotator: [0.0] * len(starts) for annotator in annotators}
    tokens = list(zip(segments, starts, ends, strict=True))
    for span in spans:
        weights = largest[span["annotator"]]
        for position, (segment, start, end) in enumerate(tokens):
            if segment == span["segment"] and max(start, span["start"]) < min(end, span["end"]):
                weights[position] = max(weights[position], float(span["weight"]))
    return [sum(values) / len(annotators) for values in zip(*largest.values(), strict=True)]
