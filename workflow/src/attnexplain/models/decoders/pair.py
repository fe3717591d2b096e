"""Decoder of pairs: question-answering and entailment in Jain and Wallace (2019)."""

import torch
from torch import Tensor, nn

from attnexplain.models.question import Query


class PairDecoder(nn.Module):
    """logits = W2 tanh(Wp c + Wq q) of a context c = sum_t a_t h_t and a question q; -inf for what is no candidate.

    The hidden layer is half the size of the states; each of the three layers has a bias, as in the published code.
    """

    def __init__(self, states_size: int, n_classes: int) -> None:
        super().__init__()
        size = max(1, states_size // 2)
        self.context = nn.Linear(states_size, size)
        self.query = nn.Linear(states_size, size)
        self.output = nn.Linear(size, n_classes)

    def forward(self, context: Tensor, query: Query | None) -> Tensor:
        """Context (B, H) and questions -> logits (B, C)."""
        return self._answer(self.context(context), query)

    def linear(self) -> Tensor:
        """Wp (K, H): all that the logits depend on of a context c is Wp c."""
        return self.context.weight

    def answer(self, mixed: Tensor, query: Query | None) -> Tensor:
        """Wp c (B, K) and questions -> logits (B, C)."""
        return self._answer(mixed + self.context.bias, query)

    def _answer(self, hidden: Tensor, query: Query | None) -> Tensor:
        if query is None:
            raise ValueError("a pair is decoded under its question: Classifier.query(batch)")
        logits: Tensor = self.output((hidden + self.query(query.vector)).tanh())
        return logits if query.candidates is None else logits.masked_fill(~query.candidates, -torch.inf)
