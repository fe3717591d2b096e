"""Entropy of the attention: a positive weight makes it sparse, a negative one spread out.

Meister et al. (2021) ask whether sparse attention explains more, and vary it by the normaliser; here it is a term of
the loss, in the form in which they measure dispersion: the entropy as a share of the largest possible one.
"""

from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier, Output
from attnexplain.objectives.base import Draws, Regulariser

FACTS = {  # type: ignore[var-annotated]
    "name": "entropy",
    "title": "Attention entropy",
    "citation": "after Meister et al. (2021)",
    "changes": None,
    "needs": [],
    "excludes": {
        "attention": {
            "uniform": "its weights are fixed, so that no term moves them",
            "frozen": "its weights are fixed, so that no term moves them",
        },
    },
    "options": {
        "weight": {
            "type": "number",
            "default": 0.1,
            "description": "Coefficient of the entropy; negative: attention is spread out.",
        },
    },
}


class Entropy(Regulariser):
    """-sum_t a_t log a_t / log T over the T words of a text, in [0, 1]; 0 for one word or none."""

    def penalty(self, batch: Batch, output: Output, model: Classifier, draws: Draws) -> Tensor:
        """Per example (B,); a weight of exactly 0 has the gradient 0."""
        weights, positive = output.weights, output.weights > 0
        entropy = -(weights * weights.where(positive, 1.0).log()).sum(dim=1)
        words = batch.attended.sum(dim=1)
        return (entropy / words.clamp(min=2).to(entropy).log()).where(words > 1, 0.0)
