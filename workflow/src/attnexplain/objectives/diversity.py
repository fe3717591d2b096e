"""Diversity of Mohankumar et al. (2020): states that point the same way, so that attention cannot matter, cost.

Their formula averages the cosine, which opposite states can make 0; their published code averages its absolute value
(`absolute: true`), and the weight of its example is 0.5.
"""

from typing import Any

from torch import Tensor
from torch.nn import functional

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier, Output
from attnexplain.objectives.base import Draws, Regulariser, mean_over_words

FACTS = {  # type: ignore[var-annotated]
    "name": "diversity",
    "title": "Diversity",
    "citation": "Mohankumar et al. (2020)",
    "changes": None,
    "needs": [],
    "options": {
        "weight": {"type": "number", "default": 0.5, "minimum": 0, "description": "Coefficient of the conicity."},
        "absolute": {
            "type": "boolean",
            "default": True,
            "description": "Whether the absolute value of each cosine counts.",
        },
    },
}


class Diversity(Regulariser):
    """Conicity of the states of a text's T words: 1/T sum_t cos(h_t, 1/T sum_u h_u), or of |cos|.

    1 where all states point the same way, as the state of a single word does.
    """

    def __init__(self, vocabulary_size: int, embedding_size: int, *, absolute: bool, **options: Any) -> None:
        super().__init__(vocabulary_size, embedding_size, **options)
        self.absolute = absolute

    def penalty(self, batch: Batch, output: Output, model: Classifier, draws: Draws) -> Tensor:
        """Per example (B,)."""
        words = batch.attended[:, :, None]
        mean = (output.states * words).sum(dim=1, keepdim=True) / words.sum(dim=1, keepdim=True).clamp(min=1)
        cosine = functional.cosine_similarity(output.states, mean, dim=-1)  # (B, T)
        return mean_over_words(cosine.abs() if self.absolute else cosine, batch.attended)
