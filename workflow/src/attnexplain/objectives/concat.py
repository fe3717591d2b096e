"""Concatenation of Tutek and Šnajder (2020): each state is read together with the embedding of its own word.

Attention and decoder see the word itself beside what the encoder made of it. Nothing is added to the loss.
"""

import torch
from torch import Tensor

from attnexplain.objectives.base import Regulariser

FACTS = {
    "name": "concat",
    "title": "Concatenation",
    "citation": "Tutek and Šnajder (2020)",
    "changes": "states",
    "needs": ["single-texts"],
    "options": {},
}


class Concat(Regulariser):
    """h'_t = [h_t; e_t], H + E wide, without parameters."""

    def states_size(self, size: int) -> int:
        """H + E."""
        return size + self.embedding_size

    def states(self, embedded: Tensor, states: Tensor, mask: Tensor) -> Tensor:
        """Shapes: embedded (B, T, E); states (B, T, H). (B, T, H + E)."""
        return torch.cat([states, embedded], dim=-1)
