"""Test-retest agreement: Kendall tau-b between the scores that two seeds of one model give the same tokens.

Of one method under two seeds it says how far the method's ranking of tokens is the model's and how far the seed's: the
reliability of the method (Spearman 1904). Of two methods under two seeds it is their agreement without what they share
by explaining one trained model; `statistics/disattenuation.py` needs it. It is read from the tables of attributions,
never from a model.

Where two seeds predict different classes each is explained by its own prediction; magnitudes, which are compared by
default, depend on that less than signed scores do.
"""

from attnexplain.metrics import kendall_tau
from attnexplain.metrics.ragged import Ragged
from attnexplain.metrics.result import Measured

FACTS = {
    "name": "retest",
    "title": "Test-retest agreement of attributions across seeds",
    "citation": "Spearman (1904); Kendall (1945)",
    "needs": [],
    "reads": "attributions",
    "options": {
        "sign": {
            "type": "string",
            "default": "absolute",
            "enum": ["absolute", "signed"],
            "description": "Compare magnitudes of the scores (absolute) or the scores themselves (signed).",
        },
    },
    "columns": {
        "kendall_tau": {
            "description": "Kendall tau-b between the scores of two seeds, by one method or by two",
            "range": [-1.0, 1.0],
            "direction": "higher: the seeds rank the tokens alike",
            "undefined": "fewer than two tokens, constant or NaN scores, other tokens",
        },
    },
}


def measure(a: Ragged, b: Ragged, *, sign: str) -> dict[str, Measured]:
    """Columns of one number per example, of scores under one run and scores under another."""
    return {"kendall_tau": kendall_tau.measure(a, b, sign=sign)}
