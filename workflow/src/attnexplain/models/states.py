"""States that a regulariser changes before attention and decoder read them: encoder and change as one encoder.

Being of another type than the encoder, it has none of its companions (`registry.COMPANIONS`), which know its states
alone: gradients and leave-one-out take it whole.
"""

from typing import Protocol

from torch import Tensor, nn


class Change(Protocol):
    """The part of a regulariser (objectives/base.py) that acts on states."""

    def states_size(self, size: int) -> int:
        """Size of the changed states."""

    def states(self, embedded: Tensor, states: Tensor, mask: Tensor) -> Tensor:
        """Embeddings (B, T, E), states (B, T, H) and mask (B, T) -> changed states."""


class ChangedStates(nn.Module):
    """h'_t = change(e_t, h_t)."""

    def __init__(self, encoder: nn.Module, change: Change) -> None:
        super().__init__()
        self.inner = encoder
        self.size = change.states_size(encoder.size)  # type: ignore[arg-type]
        self._change = (change,)  # in a tuple: its parameters are the classifier's already

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Shapes: embedded (B, T, E); mask (B, T) bool. Changed states, 0 at padding."""
        (change,) = self._change
        states = change.states(embedded, self.inner(embedded, mask), mask)
        return states.masked_fill(~mask[:, :, None], 0.0)
