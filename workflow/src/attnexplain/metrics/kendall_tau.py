"""Kendall's tau-b between the token scores of two attribution methods, with its p-value.

Agreement of attention with other measures of importance, as in Jain & Wallace (2019), Algorithm 1: tau per
example, over its real tokens. By default signed scores are compared by magnitude, since a token that speaks
against a class is as important as one that speaks for it.
"""

import numpy as np

from attnexplain.metrics.kendall import kendall
from attnexplain.metrics.ragged import Ragged
from attnexplain.metrics.result import Measured, Reasons, first_reason

FACTS = {
    "name": "kendall-tau",
    "title": "Kendall tau-b",
    "citation": "Kendall (1945); Jain & Wallace (2019), Algorithm 1",
    "needs": [],
    "kind": "pair",
    "range": [-1.0, 1.0],
    "direction": "higher",
    "p_value": True,
    "null": "all permutations of one method's scores among the same tokens (same length, same ties)",
    "options": {
        "sign": {
            "type": "string",
            "default": "absolute",
            "enum": ["absolute", "signed"],
            "description": "Compare magnitudes of the scores (absolute) or the scores themselves (signed).",
        },
    },
}

# Values of one method per batch: the comparisons of a batch stay within a core's cache.
BUDGET = 2**16


def measure(a: Ragged, b: Ragged, *, sign: str) -> Measured:
    """tau-b in [-1, 1], two-sided p, and the moments of tau over permutations (mean 0), per example.

    Undefined: fewer than two tokens, a NaN score, or constant scores of either method.
    """
    if sign == "absolute":
        a, b = a.absolute(), b.absolute()
    n, nan = a.lengths, a.has_nan() | b.has_nan()
    tau, p_value, std = (np.full(len(a), np.nan) for _ in range(3))
    for rows in a.batches(((n > 1) & ~nan).nonzero()[0], BUDGET):
        tau[rows], p_value[rows], std[rows] = kendall(a.block(rows), b.block(rows), n[rows])
    constant = np.isnan(tau)
    reasons: Reasons = first_reason(
        len(a), (n == 0, "no tokens"), (n == 1, "one token"), (nan, "scores are NaN"), (constant, "constant scores")
    )
    return Measured(tau, p_value, reasons, np.where(constant, np.nan, 0.0), std)
