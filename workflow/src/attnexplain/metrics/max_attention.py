"""The largest attention weight of an example: how concentrated its attention is (Jain & Wallace 2019, section 4.2)."""

import numpy as np

from attnexplain.metrics.ragged import Ragged
from attnexplain.metrics.result import Measured, first_reason

FACTS = {
    "name": "max-attention",
    "title": "Maximum attention",
    "citation": "Jain & Wallace (2019)",
    "needs": ["attention"],
    "kind": "attention",
    "range": [0.0, 1.0],
    "direction": "neither",
    "p_value": False,
    "null": "none",
    "options": {},
}


def measure(weights: Ragged) -> Measured:
    """Largest weight over the real tokens, in [1/n, 1], per example. Undefined: no tokens, NaN weights."""
    n, nan = weights.lengths, weights.has_nan()
    reasons = first_reason(len(weights), (n == 0, "no tokens"), (nan, "scores are NaN"))
    value = np.full(len(weights), np.nan)
    for _, rows in weights.by_length(((n > 0) & ~nan).nonzero()[0]):
        value[rows] = weights.block(rows).max(axis=1)
    return Measured(value, undefined_reason=reasons)
