"""The BiLSTM as its input projections and two recurrences over them, side by side."""

import torch
from torch import Tensor, nn

from attnexplain.models.encoders.bilstm import BiLSTM
from attnexplain.models.encoders.recurrence import doubled, recurrence


class BiLSTMProjection:
    """See `Projection`. What the rest is given has the shape (T, 2, B, 2 H), H = 2 x hidden: the gates of either
    direction, in the order in which it reads. Padding stands first for the leftward one, whose state stays 0 there.
    """

    FEWEST = 4

    def __init__(self, encoder: BiLSTM) -> None:
        directions = [_weights(lstm) for lstm in (encoder.rightward, encoder.leftward)]
        self.inputs = [inputs.T for inputs, _, _ in directions]  # (E, 2 H) each
        self.recurrent = torch.stack([recurrent.T for _, recurrent, _ in directions])  # (2, H / 2, 2 H)
        self.bias = torch.stack([bias for _, _, bias in directions])[:, None]  # (2, 1, 2 H)

    def linear(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """A product per direction."""
        read = embedded.transpose(0, 1).contiguous()
        return torch.stack([read @ self.inputs[0], read.flip(0) @ self.inputs[1]], dim=1)

    def states(self, given: Tensor, mask: Tensor) -> Tensor:
        """Both directions side by side, 0 at padding."""
        read = mask.T
        rightward, leftward = recurrence(given, self.recurrent, torch.stack([read, read.flip(0)], dim=1)).unbind(1)
        return torch.cat([rightward, leftward.flip(0)], dim=-1).transpose(0, 1)

    def along(self, embedded: Tensor, linear: Tensor, gradient: Tensor) -> Tensor:
        """Each gate is of its own word."""
        rightward, leftward = (linear * gradient).sum(dim=-1).unbind(1)
        return (rightward + leftward.flip(0)).T


def _weights(lstm: nn.LSTM) -> tuple[Tensor, Tensor, Tensor]:
    """Input weights, recurrent weights and bias of one direction, the candidate's doubled."""
    named: dict[str, Tensor] = {name: weight.detach() for name, weight in lstm.named_parameters()}
    bias = named["bias_ih_l0"] + named["bias_hh_l0"]
    return doubled(named["weight_ih_l0"]), doubled(named["weight_hh_l0"]), doubled(bias)
