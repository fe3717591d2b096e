"""Precision at k: the share of evidence among the k highest-scored tokens; k = R (R-precision) by default.

R is the example's number of evidence tokens, a token being evidence when its mean weight over annotators is at
least 0.5. Ties at the k-th score are broken at random: the value is the expectation over all ways to break them.
"""

import numpy as np

from attnexplain.metrics.evidence import comparable, undefined_reasons
from attnexplain.metrics.ragged import Bools, Floats, Integers, Ragged
from attnexplain.metrics.result import Measured

FACTS = {
    "name": "precision-at-k",
    "title": "Precision at k",
    "citation": "DeYoung et al. (2020)",
    "needs": ["evidence"],
    "kind": "method",
    "range": [0.0, 1.0],
    "direction": "higher",
    "p_value": False,
    "null": "all rankings of the example's tokens without ties, as many of them evidence (hypergeometric)",
    "options": {
        "k": {
            "type": "integer",
            "default": None,
            "nullable": True,
            "minimum": 1,
            "description": "Tokens taken from the top, at most all of the text; null: as many as are evidence.",
        },
        "sign": {
            "type": "string",
            "default": "absolute",
            "enum": ["absolute", "signed"],
            "description": "Rank tokens by the magnitude of their score (absolute) or by the score itself (signed).",
        },
    },
}


def measure(scores: Ragged, evidence: Ragged | None, *, k: int | None, sign: str) -> Measured:
    """Precision at min(k, n) in [0, 1] and its moments over random rankings, per example of n tokens.

    Undefined: no tokens, no annotation, no evidence, all tokens evidence, or a NaN score.
    """
    reasons = undefined_reasons(scores, evidence)
    value, mean, std = (np.full(len(scores), np.nan) for _ in range(3))
    for rows, block, relevant in comparable(scores, evidence, reasons, sign):
        n, count = block.shape[1], relevant.sum(axis=1)
        taken = count if k is None else np.full(len(rows), min(k, n))
        value[rows] = expected_precision(block, relevant, taken)
        mean[rows] = count / n
        std[rows] = np.sqrt(count / n * (1 - count / n) * (n - taken) / (n - 1) / taken)
    return Measured(value, undefined_reason=reasons, null_mean=mean, null_std=std)


def expected_precision(scores: Floats, relevant: Bools, taken: Integers) -> Floats:
    """Mean over random tie-breaking of the relevant share of the `taken` (B,) highest; scores, relevant (B, n)."""
    threshold = np.take_along_axis(-np.sort(-scores, axis=1), taken[:, None] - 1, 1)
    above, tied = scores > threshold, scores == threshold
    share = (relevant & tied).sum(axis=1) / tied.sum(axis=1)  # of the tied tokens
    return np.asarray(((relevant & above).sum(axis=1) + (taken - above.sum(axis=1)) * share) / taken)
