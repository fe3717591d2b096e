"""Integrated gradients on the embeddings (Sundararajan et al. 2017), midpoint rule, through the attention.

The baseline has zeros for the real tokens and keeps <sos> and <eos>, so the path changes nothing but the text.
`completeness_gap` is |sum of scores - (p(target | text) - p(target | baseline))|, which the exact integral makes 0.
"""

import torch
from torch import Tensor

from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.attribution.gradients import class_probabilities, embed, probability_gradient
from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier
from attnexplain.models.question import Query

FACTS = {
    "name": "integrated-gradients",
    "title": "Integrated gradients",
    "citation": "Sundararajan et al. (2017)",
    "needs": ["embeddings", "gradients"],
    "signed": True,
    "range": "[-1, 1] in sum, in units of probability; positive supports the predicted class",
    "options": {
        "steps": {
            "type": "integer",
            "default": 50,
            "minimum": 1,
            "description": "Points of the midpoint rule, each one forward and one backward pass.",
        }
    },
}


class IntegratedGradients(AttributionMethod):
    """s_t = (e_t - b_t) . mean over k of dp(target)/de_t at b + (k + 1/2)/steps (e - b); memory is that of one step."""

    def __init__(self, model: Classifier, *, seed: int, tokens_per_batch: int = 4096, steps: int = 50) -> None:
        super().__init__(model, seed=seed, tokens_per_batch=tokens_per_batch)
        self.steps = steps

    def explain(self, batch: Batch) -> Attributions:
        """`steps` backward passes over the batch, one after another."""
        probability, target, _ = self.predict(batch)
        query, embedded = self.query(batch), embed(self.model, batch)
        baseline = embedded.masked_fill(batch.attended[..., None], 0.0)
        path = embedded - baseline  # (B, T, E), 0 off real tokens
        total = torch.zeros_like(embedded)
        for step in range(self.steps):
            point = baseline + (step + 0.5) / self.steps * path
            total += probability_gradient(self.model, batch, point, target=target, query=query).gradient
        scores = (total / self.steps * path).sum(dim=-1)  # (B, T)
        rise = self._rise(batch, baseline, query, probability, target)
        return Attributions(scores, target, probability, {"completeness_gap": (scores.sum(dim=-1) - rise).abs()})

    @torch.no_grad()
    def _rise(self, batch: Batch, baseline: Tensor, query: Query | None, probability: Tensor, target: Tensor) -> Tensor:
        """p(target | text) - p(target | baseline), (B,)."""
        lower = class_probabilities(self.model, baseline, batch, query=query)
        return (probability - lower).gather(1, target[:, None]).squeeze(1)
