"""Precision at k: the share of evidence among the k highest-scored tokens; k = R (R-precision) by default.

R is the example's number of evidence tokens, a token being evidence when its mean weight over annotators is at
least 0.5. Ties at the k-th score are broken at random: the value is the expectation over all ways to break them.
"""

import numpy as np

from attnexplain.metrics.evidence import comparable, undefined_reasons
from attnexplain.metrics.ragged import Floats, Integers, Ragged
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
    "null": "any tokens of the example being evidence, as many; the scores keep their ties",
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
    """Precision at min(k, n) in [0, 1] and its moments if other tokens were evidence, per example of n tokens.

    Undefined: no tokens, no annotation, no evidence, all tokens evidence, or a NaN score.
    """
    reasons = undefined_reasons(scores, evidence)
    value, mean, std = (np.full(len(scores), np.nan) for _ in range(3))
    for rows, block, relevant in comparable(scores, evidence, reasons, sign):
        count = relevant.sum(axis=1)
        taken = count if k is None else np.full(len(rows), min(k, block.shape[1]))
        chance = chance_of_being_taken(block, taken)
        value[rows] = (chance * relevant).sum(axis=1) / taken
        mean[rows], std[rows] = null_moments(chance / taken[:, None], count)
    return Measured(value, undefined_reason=reasons, null_mean=mean, null_std=std)


def chance_of_being_taken(scores: Floats, taken: Integers) -> Floats:
    """Of each of the scores (B, n), that it is among the `taken` (B,) highest if ties are broken at random; (B, n)."""
    threshold = np.take_along_axis(-np.sort(-scores, axis=1), taken[:, None] - 1, 1)
    above, tied = scores > threshold, scores == threshold
    share = (taken - above.sum(axis=1)) / tied.sum(axis=1)  # of the tied tokens
    return np.asarray(above + tied * share[:, None])


def null_moments(weights: Floats, count: Integers) -> tuple[Floats, Floats]:
    """Mean and standard deviation (B,) of sums of `weights` (B, n), each row adding up to 1, over random subsets.

    Every subset of `count` (B,) of the n tokens is equally likely (sampling without replacement).
    """
    n = weights.shape[1]
    share = count / n
    variance = share * (1 - share) * n / (n - 1) * ((weights - 1 / n) ** 2).sum(axis=1)
    return share, np.sqrt(variance)
