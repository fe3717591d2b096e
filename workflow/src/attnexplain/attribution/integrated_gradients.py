"""Integrated gradients on the embeddings (Sundararajan et al. 2017), midpoint rule, through the attention.

The baseline has zeros for the real tokens and keeps <sos> and <eos>, so the path changes nothing but the text.
`completeness_gap` is |sum of scores - (p(target | text) - p(target | baseline))|, which the exact integral makes 0.
"""

import torch

from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.attribution.gradients import class_probabilities, embed, entry, probability_gradient
from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier

FACTS = {
    "name": "integrated-gradients",
    "title": "Integrated gradients",
    "citation": "Sundararajan et al. (2017)",
    "needs": ["embeddings", "gradients", "projections"],
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

    @torch.no_grad()
    def explain(self, batch: Batch) -> Attributions:
        """`steps` backward passes over the batch, one after another."""
        probability, target, _ = self.predict(batch)
        query, embedded = self.query(batch), embed(self.model, batch)
        path = embedded.masked_fill(~batch.attended[..., None], 0.0)  # (B, T, E), from the baseline
        encoder = entry(self.model, embedded)
        baseline = encoder.linear(embedded - path, batch.mask) + encoder.bias
        rising = encoder.linear(path, batch.mask)
        total = torch.zeros_like(rising)
        for step in range(self.steps):
            given = torch.add(baseline, rising, alpha=(step + 0.5) / self.steps)
            total += probability_gradient(self.model, encoder, given, batch, target=target, query=query).gradient
        scores = encoder.along(path, rising, total / self.steps)  # (B, T)
        lower = class_probabilities(self.model, encoder, baseline, batch, query=query)
        rise = (probability - lower).gather(1, target[:, None]).squeeze(1)  # p(target | text) - p(target | baseline)
        gap = scores.masked_fill(~batch.attended, 0.0).sum(dim=-1) - rise
        return Attributions(scores, target, probability, {"completeness_gap": gap.abs()})
