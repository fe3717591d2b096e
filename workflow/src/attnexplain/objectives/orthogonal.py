"""Orthogonal LSTM of Mohankumar et al. (2020): each state stands at right angles to the mean of those before it.

What it shares with them is taken out before the state is handed on, so that states cannot all point the same way.
Nothing is added to the loss. Of a bidirectional LSTM each direction is treated so, by itself.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from attnexplain.objectives.base import Regulariser

FACTS = {
    "name": "orthogonal",
    "title": "Orthogonal",
    "citation": "Mohankumar et al. (2020)",
    "changes": "step",
    "needs": [],
    "only": {"encoder": {"names": ["bilstm", "lstm"], "why": "it changes the step of an LSTM"}},
    "options": {},
}

EPSILON = 1e-6  # of the published code: the mean of no states is 0


class Orthogonal(Regulariser):
    """The run's encoder with every LSTM in it made orthogonal; its parameters and initial values are the same."""

    def encoder(self, encoder: nn.Module) -> nn.Module:
        """Replaces the LSTMs of `encoder` in place."""
        for name, layer in list(encoder.named_children()):
            if isinstance(layer, nn.LSTM):
                setattr(encoder, name, OrthogonalLSTM(layer))
        return Stepped(encoder)


class Stepped(nn.Module):
    """An encoder that steps otherwise. Of another type, it has none of the companions, which know the plain step."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.inner = encoder
        self.size = encoder.size

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Shapes: embedded (B, T, E); mask (B, T) bool. States (B, T, H), 0 at padding."""
        states: Tensor = self.inner(embedded, mask)
        return states

    def last_hidden(self, states: Tensor, mask: Tensor) -> Tensor:
        """One vector (B, H) per text."""
        vector: Tensor = self.inner.last_hidden(states, mask)  # type: ignore[operator]
        return vector


class OrthogonalLSTM(nn.Module):
    """h_t = g_t - (g_t . m_t) / (m_t . m_t + EPSILON) m_t, with g_t = o tanh(c_t) and m_t the mean of h_1 ... h_(t-1).

    It is h_t that the next step reads. As in the published code, the sum of the t - 1 states is divided by t, which
    changes the weight of EPSILON alone.
    """

    weight_ih_l0: nn.Parameter
    weight_hh_l0: nn.Parameter
    bias_ih_l0: nn.Parameter
    bias_hh_l0: nn.Parameter

    def __init__(self, layer: nn.LSTM) -> None:
        super().__init__()
        self.hidden_size = layer.hidden_size
        for name, parameter in layer.named_parameters():
            self.register_parameter(name, parameter)

    def forward(self, inputs: Tensor) -> tuple[Tensor, None]:
        """Shapes: inputs (B, T, E). States (B, T, H), from a zero state; as PyTorch's layer, it returns two things."""
        projected = linear(inputs, self.weight_ih_l0, self.bias_ih_l0 + self.bias_hh_l0)  # (B, T, 4 H)
        hidden = cell = total = projected.new_zeros(len(inputs), self.hidden_size)
        states = []
        for step, gates in enumerate(projected.unbind(dim=1), start=1):
            hidden, cell = self._step(gates + linear(hidden, self.weight_hh_l0), cell, total / step)
            total = total + hidden
            states.append(hidden)
        return torch.stack(states, dim=1), None

    @staticmethod
    def _step(gates: Tensor, cell: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
        """Gates (B, 4 H) before their nonlinearity, cell (B, H) and mean of the states so far -> hidden, cell."""
        enter, forget, candidate, leave = gates.chunk(4, dim=-1)
        cell = forget.sigmoid() * cell + enter.sigmoid() * candidate.tanh()
        full = leave.sigmoid() * cell.tanh()
        share = (full * mean).sum(dim=-1, keepdim=True) / (mean.square().sum(dim=-1, keepdim=True) + EPSILON)
        return full - share * mean, cell
