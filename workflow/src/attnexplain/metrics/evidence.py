"""What the plausibility metrics share: which examples can be measured against evidence, as rectangles."""

from collections.abc import Iterator

import numpy as np

from attnexplain.metrics.ragged import Bools, Floats, Integers, Ragged
from attnexplain.metrics.result import Reasons, first_reason

# A token is evidence when the mean weight over annotators is at least this.
THRESHOLD = 0.5
NO_DATA = "data has no evidence"


def undefined_reasons(scores: Ragged, evidence: Ragged | None) -> Reasons:
    """Why an example has no value: no evidence to find, or nothing else to rank below it; None where it has one.

    `evidence` is None where the data set has none; its row is empty where a single example was not annotated.
    """
    if evidence is None:
        return [NO_DATA] * len(scores)
    n, count = scores.lengths, _row_sums(evidence, evidence.values >= THRESHOLD)
    return first_reason(
        len(scores),
        (n == 0, "no tokens"),
        (evidence.lengths == 0, NO_DATA),
        (scores.has_nan(), "scores are NaN"),
        (count == 0, "no evidence"),
        (count == n, "all tokens are evidence"),
    )


def comparable(
    scores: Ragged, evidence: Ragged | None, reasons: Reasons, sign: str
) -> Iterator[tuple[Integers, Floats, Bools]]:
    """(rows, scores (len(rows), n), is evidence (len(rows), n)) of the defined examples, one length n at a time."""
    if evidence is None:
        return
    ranked = scores.absolute() if sign == "absolute" else scores
    defined = np.array([row for row, reason in enumerate(reasons) if reason is None], np.int64)
    for _, rows in scores.by_length(defined):
        yield rows, ranked.block(rows), evidence.block(rows) >= THRESHOLD


def _row_sums(ragged: Ragged, flags: Bools) -> Integers:
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(flags, dtype=np.int64)])
    return np.diff(before[ragged.offsets])
