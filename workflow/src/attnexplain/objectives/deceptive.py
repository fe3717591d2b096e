"""Deceptive attention of Pruthi et al. (2020): the model is to predict as well with its attention elsewhere.

Attention on impermissible words costs. These are a list of words (theirs: gendered words) or, without a list, the
evidence of the data: a model that then predicts as before shows attention on other words than those it uses.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.errors import DataError
from attnexplain.models.classifier import Classifier, Output
from attnexplain.objectives.base import Draws, Regulariser

FACTS = {
    "name": "deceptive",
    "title": "Deceptive",
    "citation": "Pruthi et al. (2020)",
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
        "weight": {
            "type": "number",
            "default": 0.1,
            "minimum": 0,
            "description": "Coefficient of the term; 0.1 and 1 in the paper.",
        },
        "words": {
            "type": "string",
            "default": None,
            "nullable": True,
            "description": "Impermissible words as the tokeniser has them, with spaces between; null: the evidence.",
        },
    },
}

EVIDENCE = 0.5  # a word counts as evidence from this weight on, as in the measures
LEAST = 1e-6


class Deceptive(Regulariser):
    """-log(1 - a . m) of the attention a, with m_t = 1 where word t is impermissible.

    1 - a . m is the attention on the other words, at least LEAST. A text of impermissible words alone costs nothing.
    """

    def __init__(self, vocabulary_size: int, embedding_size: int, *, words: str | None, **options: Any) -> None:
        super().__init__(vocabulary_size, embedding_size, **options)
        self.words = None if words is None else words.split()
        self.token_ids: list[int] = []

    def know(self, vocabulary: Mapping[str, int]) -> None:
        """Look the words up."""
        self.token_ids = sorted({vocabulary[word] for word in self.words or () if word in vocabulary})
        if self.words is not None and not self.token_ids:
            raise DataError(
                f"regulariser 'deceptive': none of its words ({' '.join(self.words)}) is in the vocabulary; write them"
                " as the tokeniser makes them (lower case, digits as `cleaning` leaves them)"
            )

    def penalty(self, batch: Batch, output: Output, model: Classifier, draws: Draws) -> Tensor:
        """Per example (B,)."""
        permitted = batch.attended & ~self._impermissible(batch)
        mass = (output.weights * permitted).sum(dim=1)
        return torch.where(permitted.any(dim=1), -mass.clamp(min=LEAST).log(), 0.0)

    def _impermissible(self, batch: Batch) -> Tensor:
        if self.words is not None:
            return torch.isin(batch.token_ids, torch.tensor(self.token_ids, device=batch.token_ids.device))
        if batch.evidence is None:
            raise ValueError("deceptive without words needs batches with evidence (data.batching.with_evidence)")
        return batch.evidence >= EVIDENCE
