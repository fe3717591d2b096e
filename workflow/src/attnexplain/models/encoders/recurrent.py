"""What the recurrent encoders share: one layer, read from the left or from both sides, from a zero initial state."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


class Recurrent(nn.Module):
    """h_t = the layer read from the left, at t; bidirectional: beside it another, read from the right, at t.

    H = hidden, or 2 x hidden of both directions, each with weights of its own.

    Padding stands on the right, so the left-to-right layer meets it last; for the other the texts themselves are
    reversed, each within its own length. That is what packed sequences compute too, but on the CPU the time of
    their backward pass grows with the square of the length, and two plain layers are several times faster.
    """

    def __init__(
        self, layer: Callable[..., nn.RNNBase], embedding_size: int, *, hidden: int, bidirectional: bool
    ) -> None:
        super().__init__()
        self.size = (1 + bidirectional) * hidden
        self.rightward = layer(embedding_size, hidden, batch_first=True)
        self.leftward = layer(embedding_size, hidden, batch_first=True) if bidirectional else None

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Shapes: embedded (B, T, E); mask (B, T) bool, True first. States (B, T, H), 0 at padding."""
        states: Tensor = self.rightward(embedded)[0]
        if self.leftward is not None:
            leftward = self.leftward(reverse(embedded, mask))[0]
            states = torch.cat([states, reverse(leftward, mask)], dim=-1)
        return states.masked_fill(~mask[:, :, None], 0.0)

    def last_hidden(self, states: Tensor, mask: Tensor) -> Tensor:
        """One vector (B, H) per text: where each direction ends, the last of mask (B, T) and the first position."""
        size = self.rightward.hidden_size
        rows, last = torch.arange(len(states), device=states.device), mask.sum(dim=1) - 1
        return torch.cat([states[rows, last, :size], states[:, 0, size:]], dim=-1)


def reverse(sequences: Tensor, mask: Tensor) -> Tensor:
    """Sequences (B, T, D), each in reverse order within its length, padding left in place."""
    place = torch.arange(mask.shape[1], device=mask.device)
    mirrored = mask.sum(dim=-1, keepdim=True) - 1 - place  # (B, T)
    source = torch.where(mask, mirrored, place) + len(place) * torch.arange(len(mask), device=mask.device)[:, None]
    # Whole rows are moved, several times faster than `gather` moves their numbers one by one.
    return sequences.flatten(0, 1).index_select(0, source.flatten()).view_as(sequences)
