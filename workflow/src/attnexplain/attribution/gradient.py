"""Gradient of Jain and Wallace (2019), algorithm 1: |e_t . dp(target)/de_t| with the attention weights detached.

The graph is cut at the attention, so the score says how the output moves with a token while the weights stay
as they are; a token's influence on where the model attends is left out. The published code normalises the scores
to sum 1, which no rank statistic sees, and differentiates the positive class of a binary task, which has the same
absolute value as the predicted one.
"""

from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.attribution.gradients import along_embeddings
from attnexplain.data.batching import Batch

FACTS = {
    "name": "gradient",
    "title": "Gradient (attention detached)",
    "citation": "Jain and Wallace (2019)",
    "needs": ["attention", "embeddings", "gradients", "projections"],
    "signed": False,
    "range": "[0, inf), in units of probability",
    "options": {},
}


class Gradient(AttributionMethod):
    """s_t = |e_t . dp(target)/de_t|, attention held fixed."""

    def explain(self, batch: Batch) -> Attributions:
        """One backward pass for the batch."""
        found = along_embeddings(self.model, batch, detach_attention=True)
        return Attributions(found.value.abs(), found.target, found.probability)
