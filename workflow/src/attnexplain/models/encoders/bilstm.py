"""Bidirectional LSTM of one layer, as in Jain and Wallace (2019): zero initial state, no dropout."""

import torch
from torch import Tensor, nn

FACTS = {
    "name": "bilstm",
    "title": "BiLSTM",
    "citation": "Hochreiter and Schmidhuber (1997); Graves and Schmidhuber (2005)",
    "needs": [],
    "directions": 2,
    "options": {
        "hidden": {"type": "integer", "default": 128, "minimum": 1, "description": "Size of the state per direction."},
    },
}


class BiLSTM(nn.Module):
    """h_t = [LSTM read from the left, at t; LSTM read from the right, at t], H = 2 x hidden.

    Padding stands on the right, so the left-to-right LSTM meets it last; for the other the texts themselves are
    reversed, each within its own length. That is what packed sequences compute too, but on the CPU the time of
    their backward pass grows with the square of the length, and two plain LSTMs are several times faster.
    """

    def __init__(self, embedding_size: int, *, hidden: int) -> None:
        super().__init__()
        self.size = 2 * hidden
        self.rightward = nn.LSTM(embedding_size, hidden, batch_first=True)
        self.leftward = nn.LSTM(embedding_size, hidden, batch_first=True)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Shapes: embedded (B, T, E); mask (B, T) bool, True first. States (B, T, H), 0 at padding."""
        rightward, _ = self.rightward(embedded)  # (B, T, H / 2)
        leftward, _ = self.leftward(reverse(embedded, mask))
        states = torch.cat([rightward, reverse(leftward, mask)], dim=-1)
        return states.masked_fill(~mask[:, :, None], 0.0)

    def last_hidden(self, states: Tensor, mask: Tensor) -> Tensor:
        """One vector (B, H) per text: where each direction ends, the last of mask (B, T) and the first position."""
        half = self.size // 2
        rows, last = torch.arange(len(states), device=states.device), mask.sum(dim=1) - 1
        return torch.cat([states[rows, last, :half], states[:, 0, half:]], dim=-1)


def reverse(sequences: Tensor, mask: Tensor) -> Tensor:
    """Sequences (B, T, D), each in reverse order within its length, padding left in place."""
    place = torch.arange(mask.shape[1], device=mask.device)
    mirrored = mask.sum(dim=-1, keepdim=True) - 1 - place  # (B, T)
    source = torch.where(mask, mirrored, place) + len(place) * torch.arange(len(mask), device=mask.device)[:, None]
    # Whole rows are moved, several times faster than `gather` moves their numbers one by one.
    return sequences.flatten(0, 1).index_select(0, source.flatten()).view_as(sequences)
