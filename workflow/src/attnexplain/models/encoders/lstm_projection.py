"""LSTMs as their input projections and the recurrences over them, side by side where there are two directions."""

import torch
from torch import Tensor, nn

from attnexplain.models.encoders.recurrence import doubled, recurrence
from attnexplain.models.encoders.recurrent import Recurrent


class LSTMProjection:
    """See `Projection`. What the rest is given has the shape (T, D, B, 4 h), H = D h: the gates of each of D = 1 or 2
    directions, in the order in which it reads. Padding stands first for the leftward one, whose state stays 0 there.
    """

    FEWEST = 4

    def __init__(self, encoder: Recurrent) -> None:
        layers = [encoder.rightward] if encoder.leftward is None else [encoder.rightward, encoder.leftward]
        directions = [_weights(layer) for layer in layers]
        self.inputs = [inputs.T for inputs, _, _ in directions]  # (E, 4 h) each
        self.recurrent = torch.stack([recurrent.T for _, recurrent, _ in directions])  # (D, h, 4 h)
        self.bias = torch.stack([bias for _, _, bias in directions])[:, None]  # (D, 1, 4 h)

    def linear(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """A product per direction."""
        read = self._as_read(embedded.transpose(0, 1).contiguous())
        return torch.stack([each @ inputs for each, inputs in zip(read, self.inputs, strict=True)], dim=1)

    def states(self, given: Tensor, mask: Tensor) -> Tensor:
        """The directions side by side, 0 at padding."""
        kept = torch.stack(self._as_read(mask.T), dim=1)
        states = self._in_place(recurrence(given, self.recurrent, kept))
        return torch.cat(states, dim=-1).transpose(0, 1)

    def along(self, embedded: Tensor, linear: Tensor, gradient: Tensor) -> Tensor:
        """Each gate is of its own word."""
        return torch.stack(self._in_place((linear * gradient).sum(dim=-1))).sum(dim=0).T

    def _as_read(self, sequence: Tensor) -> list[Tensor]:
        """(T, ...) per direction, in the order in which it reads."""
        return [sequence, sequence.flip(0)][: len(self.inputs)]

    @staticmethod
    def _in_place(read: Tensor) -> list[Tensor]:
        """(T, D, ...) as read -> (T, ...) per direction, in the order of the text."""
        return [each.flip(0) if number else each for number, each in enumerate(read.unbind(1))]


def _weights(lstm: nn.RNNBase) -> tuple[Tensor, Tensor, Tensor]:
    """Input weights, recurrent weights and bias of one direction, the candidate's doubled."""
    named: dict[str, Tensor] = {name: weight.detach() for name, weight in lstm.named_parameters()}
    bias = named["bias_ih_l0"] + named["bias_hh_l0"]
    return doubled(named["weight_ih_l0"]), doubled(named["weight_hh_l0"]), doubled(bias)
