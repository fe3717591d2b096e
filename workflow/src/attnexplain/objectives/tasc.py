"""Task scaling (TaSc) of Chrysostomou and Aletras (2021): what attention mixes is scaled by the word, without context.

    c = sum_t a_t s_t h_t

The attention reads the states as they are; s_t comes from the word alone, so that what the attention gives to a word
reaches the prediction by the word's own, learned, importance. Their embeddings are frozen, ours are trained; they
train for 20 epochs. Nothing is added to the loss.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnexplain.objectives.base import Regulariser

FACTS = {
    "name": "tasc",
    "title": "Task scaling",
    "citation": "Chrysostomou and Aletras (2021)",
    "changes": "values",
    "needs": [],
    "options": {
        "kind": {
            "type": "string",
            "default": "lin",
            "enum": ["lin", "feat", "conv"],
            "description": "How the embedding of a word makes its scale: with a weight per word (lin), with one per "
            "word and feature (feat), or with a weight per word and channels over the features (conv).",
        },
    },
}

CHANNELS = 15


class Linear(nn.Module):
    """s_t = sum_d u_x e_d, with a weight u_x for the word x."""

    def __init__(self, vocabulary_size: int, embedding_size: int) -> None:
        super().__init__()
        self.weight = word_weights(vocabulary_size, 1)

    def forward(self, token_ids: Tensor, embedded: Tensor) -> Tensor:
        """Shapes: token_ids (B, T); embedded (B, T, E). Scales (B, T)."""
        return embedded.sum(dim=-1) * self.weight[token_ids].squeeze(-1)


class Feature(nn.Module):
    """s_t = sum_d U_xd e_d, with a weight U_xd for each feature d of the word x."""

    def __init__(self, vocabulary_size: int, embedding_size: int) -> None:
        super().__init__()
        self.weight = word_weights(vocabulary_size, embedding_size)

    def forward(self, token_ids: Tensor, embedded: Tensor) -> Tensor:
        """Shapes: token_ids (B, T); embedded (B, T, E). Scales (B, T)."""
        return (embedded * self.weight[token_ids]).sum(dim=-1)


class Convolutional(nn.Module):
    """s_t = sum_c (K u_x e + b)_c, over 15 channels c of a convolution of width 1."""

    def __init__(self, vocabulary_size: int, embedding_size: int) -> None:
        super().__init__()
        self.weight = word_weights(vocabulary_size, 1)
        self.channels = nn.Linear(embedding_size, CHANNELS)  # which a convolution of width 1 is

    def forward(self, token_ids: Tensor, embedded: Tensor) -> Tensor:
        """Shapes: token_ids (B, T); embedded (B, T, E). Scales (B, T)."""
        scales: Tensor = self.channels(embedded * self.weight[token_ids]).sum(dim=-1)
        return scales


KINDS: dict[str, Callable[[int, int], nn.Module]] = {"lin": Linear, "feat": Feature, "conv": Convolutional}


class TaSc(Regulariser):
    """v_t = s_t h_t."""

    def __init__(self, vocabulary_size: int, embedding_size: int, *, kind: str) -> None:
        super().__init__(vocabulary_size, embedding_size)
        self.scale = KINDS[kind](vocabulary_size, embedding_size)

    def values(self, token_ids: Tensor, embedded: Tensor, states: Tensor) -> Tensor:
        """Shapes: token_ids (B, T); embedded (B, T, E); states (B, T, H). (B, T, H)."""
        scales: Tensor = self.scale(token_ids, embedded)  # (B, T)
        return states * scales[:, :, None]


def word_weights(vocabulary_size: int, size: int) -> nn.Parameter:
    """(V, size), uniform between -1/sqrt(V) and 1/sqrt(V), as published."""
    bound = vocabulary_size**-0.5
    return nn.Parameter(torch.empty(vocabulary_size, size).uniform_(-bound, bound))
