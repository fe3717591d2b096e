"""Scaled dot-product attention (Vaswani et al. 2017), as in Jain and Wallace (2019).

The query is learned for single texts; for pairs it is the question.
"""

import torch
from torch import Tensor, nn

FACTS = {
    "name": "dot",
    "title": "Dot product",
    "citation": "Vaswani et al. (2017)",
    "needs": [],
    "options": {},
}


class Dot(nn.Module):
    """s_t = q . h_t / sqrt(H), in pairs; s_t = w . h_t / sqrt(H) with w learned for single texts."""

    def __init__(self, states_size: int, query_size: int | None = None) -> None:
        super().__init__()
        if query_size not in (None, states_size):
            raise ValueError(f"dot product of states of size {states_size} with a query of size {query_size}")
        self.vector = nn.Linear(states_size, 1, bias=False) if query_size is None else None
        self.size = states_size
        self.scale = states_size**-0.5

    def forward(self, states: Tensor, attended: Tensor, query: Tensor | None = None) -> Tensor:
        """Shapes: states (B, T, H); attended (B, T) bool, not used: each score depends on its own state; query (B, H),
        in pairs alone. Scores (B, T).
        """
        if self.vector is None:
            scores: Tensor = torch.einsum("bth,bh->bt", states, query) * self.scale
            return scores
        return self.score(self.vector(states))

    def linear(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """W (K, H) and b (K,), of the device and type of `like`: all that a score depends on of its state is W h + b.

        That is one number for single texts; in pairs it is h itself.
        """
        weight = torch.eye(self.size).to(like) if self.vector is None else self.vector.weight
        return weight, weight.new_zeros(len(weight))

    def score(self, read: Tensor, query: Tensor | None = None) -> Tensor:
        """W h (..., K), and in pairs a query (..., H) broadcast against it -> scores (...)."""
        scores: Tensor = (read if query is None else read * query).sum(dim=-1) * self.scale
        return scores
