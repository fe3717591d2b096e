"""Entropy of the attention weights, in nats or as a share of its maximum.

-sum_t a_t ln a_t over the real tokens, with 0 ln 0 = 0; divided by ln n (the entropy of uniform attention over n
tokens) unless the option says otherwise, so that texts of different lengths compare.
"""

import numpy as np
from scipy.special import entr

from attnexplain.metrics.ragged import Ragged
from attnexplain.metrics.result import Measured, first_reason

FACTS = {
    "name": "attention-entropy",
    "title": "Attention entropy",
    "citation": "Shannon (1948)",
    "needs": ["attention"],
    "kind": "attention",
    "range": [0.0, None],
    "direction": "neither",
    "p_value": False,
    "null": "none",
    "options": {
        "normalised": {
            "type": "boolean",
            "default": True,
            "description": "Divide by ln n, n tokens: 0 on one token alone, 1 when uniform. Otherwise in nats.",
        },
    },
}


def measure(weights: Ragged, *, normalised: bool) -> Measured:
    """Entropy per example: in [0, 1] when normalised, otherwise in [0, ln n] nats.

    Undefined: no tokens, NaN weights, and, when normalised, one token (0 / ln 1).
    """
    n, nan = weights.lengths, weights.has_nan()
    one = (n == 1) & normalised
    reasons = first_reason(len(weights), (n == 0, "no tokens"), (nan, "scores are NaN"), (one, "one token"))
    value = np.full(len(weights), np.nan)
    for length, rows in weights.by_length(((n > 0) & ~nan & ~one).nonzero()[0]):
        value[rows] = entr(weights.block(rows)).sum(axis=1) / (np.log(length) if normalised else 1.0)
    return Measured(value, undefined_reason=reasons)
