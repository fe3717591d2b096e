"""Tying of Tutek and Šnajder (2020): each state is drawn to the embedding of its own word.

A state that says little of its word makes its attention weight say little of the word: the term keeps the two close.
Their formula is the squared norm (`squared: true`); the code of a later study of theirs (Jukić et al. 2023) has the
norm itself, with coefficients from 0.1 to 20. The coefficient of the first paper is not known to us; the default keeps
the accuracy on SST.
"""

from typing import Any

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier, Output
from attnexplain.objectives.base import Draws, Regulariser, mean_over_words

FACTS = {
    "name": "tying",
    "title": "Tying",
    "citation": "Tutek and Šnajder (2020)",
    "changes": None,
    "needs": ["states-as-wide-as-embeddings"],
    "excludes": {"regulariser": {"concat": "states with the embedding beside them are wider than it"}},
    "options": {
        "weight": {"type": "number", "default": 0.1, "minimum": 0, "description": "Coefficient of the term."},
        "squared": {
            "type": "boolean",
            "default": True,
            "description": "Whether the norm of the difference is squared.",
        },
    },
}


class Tying(Regulariser):
    """1/T sum_t ||h_t - e_t||^2 over the words of a text, or of ||h_t - e_t||; H = E."""

    def __init__(self, vocabulary_size: int, embedding_size: int, *, squared: bool, **options: Any) -> None:
        super().__init__(vocabulary_size, embedding_size, **options)
        self.squared = squared

    def penalty(self, batch: Batch, output: Output, model: Classifier, draws: Draws) -> Tensor:
        """Per example (B,); at a difference of 0 the norm has the gradient 0."""
        difference = output.states - output.embedded
        norm = difference.pow(2).sum(dim=-1) if self.squared else torch.linalg.vector_norm(difference, dim=-1)
        return mean_over_words(norm, batch.attended)
