"""Attention taught by evidence, as in Mathew et al. (2021): cross entropy of the attention under annotators' marks.

Their target is a softmax of the marks with a temperature; here the marks are divided by their sum, so that words
without a mark have no share of it. A text without evidence teaches nothing.
"""

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier, Output
from attnexplain.objectives.base import Draws, Regulariser

FACTS = {
    "name": "evidence-supervision",
    "title": "Evidence supervision",
    "citation": "Mathew et al. (2021)",
    "changes": None,
    "reads": ["evidence"],
    "needs": [],
    "excludes": {
        "attention": {
            "uniform": "its weights are fixed, so that no term moves them",
            "frozen": "its weights are fixed, so that no term moves them",
        },
    },
    "options": {
        "weight": {"type": "number", "default": 0.1, "minimum": 0, "description": "Coefficient of the cross entropy."},
    },
}

EPSILON = 1e-6  # a sparse normaliser can give evidence no weight at all


class EvidenceSupervision(Regulariser):
    """-sum_t r_t log(a_t + EPSILON), with r_t the evidence weight of a word as a share of the text's."""

    def penalty(self, batch: Batch, output: Output, model: Classifier, draws: Draws) -> Tensor:
        """Per example (B,); 0 without evidence. Where the attention has no gradient at 0, nor has this."""
        if batch.evidence is None:
            raise ValueError("evidence-supervision needs batches with evidence (data.batching.with_evidence)")
        total = batch.evidence.sum(dim=1)
        target = batch.evidence / torch.where(total > 0, total, 1.0)[:, None]
        return -(target * (output.weights + EPSILON).log()).sum(dim=1)
