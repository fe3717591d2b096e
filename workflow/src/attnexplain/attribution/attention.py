"""Attention weights taken as an explanation: the score of a token is the weight the model gives it."""

from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.data.batching import Batch

FACTS = {
    "name": "attention",
    "title": "Attention",
    "citation": "Jain and Wallace (2019)",
    "needs": ["attention"],
    "signed": False,
    "range": "[0, 1]; the scores of an example sum to 1",
    "options": {},
}


class Attention(AttributionMethod):
    """s_t = alpha_t."""

    def explain(self, batch: Batch) -> Attributions:
        """The learned weights (B, T)."""
        probability, target, weights = self.predict(batch)
        return Attributions(weights, target, probability)
