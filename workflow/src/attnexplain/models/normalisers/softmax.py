"""Softmax over the attended tokens."""

import torch
from torch import Tensor, nn

FACTS = {
    "name": "softmax",
    "title": "Softmax",
    "citation": "Bahdanau et al. (2015)",
    "needs": [],
    "options": {},
}


class Softmax(nn.Module):
    """a_t = exp(s_t) / sum over attended u of exp(s_u)."""

    def forward(self, scores: Tensor, attended: Tensor) -> Tensor:
        """Shapes: scores (B, T); attended (B, T) bool. Weights (B, T): rows sum to 1, exactly 0 off attended.

        A row with nothing attended is 0 throughout, and so is its gradient.
        """
        weights = scores.masked_fill(~attended, -torch.inf).softmax(dim=-1)
        return weights.masked_fill(~attended, 0.0)  # NaN so far in a row with nothing attended
