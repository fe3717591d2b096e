"""Evidence AUPRC: average precision of an attribution's token ranking against the evidence tokens.

The plausibility measure of DeYoung et al. (2020, ERASER), per example. A token is evidence when its mean weight
over annotators is at least 0.5. A random ranking scores well above the base rate on short texts, so the exact
moments over random rankings stand beside each value.
"""

import numpy as np

from attnexplain.metrics.average_precision import average_precision, null_moments
from attnexplain.metrics.evidence import comparable, undefined_reasons
from attnexplain.metrics.ragged import Ragged
from attnexplain.metrics.result import Measured

FACTS = {
    "name": "evidence-auprc",
    "title": "Evidence AUPRC",
    "citation": "DeYoung et al. (2020)",
    "needs": ["evidence"],
    "kind": "method",
    "range": [0.0, 1.0],
    "direction": "higher",
    "p_value": False,
    "null": "any tokens of the example being evidence, as many; the scores keep their ties",
    "options": {
        "sign": {
            "type": "string",
            "default": "absolute",
            "enum": ["absolute", "signed"],
            "description": "Rank tokens by the magnitude of their score (absolute) or by the score itself (signed).",
        },
    },
}


def measure(scores: Ragged, evidence: Ragged | None, *, sign: str) -> Measured:
    """Average precision in (0, 1] and its moments over random rankings, per example; tied scores are one threshold.

    Undefined: no tokens, no annotation, no evidence, all tokens evidence, or a NaN score.
    """
    reasons = undefined_reasons(scores, evidence)
    value, mean, std = (np.full(len(scores), np.nan) for _ in range(3))
    for rows, block, relevant in comparable(scores, evidence, reasons, sign):
        value[rows] = average_precision(block, relevant)
        mean[rows], std[rows] = null_moments(block, relevant).T
    return Measured(value, undefined_reason=reasons, null_mean=mean, null_std=std)
