"""The states of an LSTM without a word: from the left they are the old ones up to the gap, from the right beyond it.

So each direction reads on from its state at the gap, over input projections that all deletions share; where there are
two, only one half of every state is new. The deletions go side by side: each place is one product, for all whose gap
lies behind.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from attnexplain.models.encoders.deletions import Changed
from attnexplain.models.encoders.recurrence import doubled
from attnexplain.models.encoders.recurrent import Recurrent


class LSTMDeletions:
    """See `Deletions`. Of the encoders made of LSTMs, in one direction or two."""

    def __init__(self, encoder: Recurrent, embedded: Tensor, weight: Tensor, bias: Tensor) -> None:
        size = encoder.rightward.hidden_size
        self.last = embedded.shape[1] - 1
        self.bias = bias
        self.rightward = Direction(encoder.rightward, embedded, weight[:, :size])
        self.leftward, from_right = None, torch.zeros_like(self.rightward.read)
        if encoder.leftward is not None:
            self.leftward = Direction(encoder.leftward, embedded.flip(1), weight[:, size:])
            from_right = self.leftward.read.flip(0)
        self.beside = from_right + bias  # what is added to W h of the rightward half
        self.read = self.rightward.read + from_right + bias

    def changed(self, deleted: range) -> Iterator[Changed]:
        """Every place after the gap through the one direction, every place before it through the other."""
        for place, read in self.rightward.without(deleted, self.beside):
            yield Changed(slice(0, len(read)), place, read)
        if self.leftward is None:
            return
        # The leftward half counts from the end of the text: the last word deleted comes first.
        mirrored = range(self.last - deleted.stop + 1, self.last - deleted.start + 1)
        order = torch.arange(len(deleted) - 1, -1, -1, device=self.bias.device)
        for place, read in self.leftward.without(mirrored, (self.rightward.read + self.bias).flip(0)):
            yield Changed(order[: len(read)], self.last - place, read)


class Direction:
    """One LSTM over texts of one length, in the order in which it reads them. Letters as in `Deletions`; H is its own.

    `read` (T, B, R) is W h of the whole texts.

    tanh(x) is computed as 2 sigmoid(2 x) - 1, which is several times faster on the CPU and differs by rounding. To save
    the factors, what is kept is h / 2 and 2 c: the rows of the candidate gate, and all that h is multiplied with, are
    doubled beforehand.
    """

    def __init__(self, lstm: nn.RNNBase, embedded: Tensor, weight: Tensor) -> None:
        weights: dict[str, Tensor] = dict(lstm.named_parameters())
        bias = doubled(weights["bias_ih_l0"] + weights["bias_hh_l0"])
        self.size = lstm.hidden_size
        self.inputs = linear(embedded.transpose(0, 1), doubled(weights["weight_ih_l0"]), bias)  # (T, B, 4 H)
        # One product serves the gates of the next place and what is read of this one.
        self.ahead = 2.0 * torch.cat([doubled(weights["weight_hh_l0"]), weight]).T.contiguous()  # (H, 4 H + R)
        self.hidden, self.cell = self._states()  # h / 2 and 2 c, (T, B, H)
        self.read = self.hidden @ self.ahead[:, 4 * self.size :]

    def without(self, deleted: range, other: Tensor) -> Iterator[tuple[int, Tensor]]:
        """For each place after `deleted.start` up to the last word: W h + other (N, B, R) of the N texts whose gap, the
        n-th of `deleted`, lies before it. `other` (T, B, R) is what the other direction adds.
        """
        before = slice(deleted.start - 1, deleted.stop - 1)
        hidden, cell = self.hidden[before].clone(), self.cell[before].clone()
        done = 0  # texts that have read the place before
        for place in range(deleted.start + 1, len(self.inputs)):
            count = min(place - deleted.start, len(deleted))
            ahead = self._ahead(hidden[:count])
            if done:
                yield place - 1, ahead[:done, :, 4 * self.size :] + other[place - 1]
            self._step(hidden[:count], cell[:count], ahead[..., : 4 * self.size].add_(self.inputs[place]))
            done = count

    def _ahead(self, hidden: Tensor) -> Tensor:
        """(N, B, H) -> (N, B, 4 H + R)."""
        product = hidden.flatten(0, 1) @ self.ahead
        return product.view(*hidden.shape[:2], -1)

    def _states(self) -> tuple[Tensor, Tensor]:
        """States (T, B, H) of the whole texts, as they are kept."""
        hidden = self.inputs.new_zeros(1, self.inputs.shape[1], self.size)
        cell = torch.zeros_like(hidden)
        states = []
        for inputs in self.inputs:
            self._step(hidden, cell, (hidden @ self.ahead[:, : 4 * self.size]).add_(inputs))
            states.append((hidden.clone(), cell.clone()))
        return torch.cat([one for one, _ in states]), torch.cat([one for _, one in states])

    @staticmethod
    def _step(hidden: Tensor, cell: Tensor, gates: Tensor) -> None:
        """One place further: gates (N, B, 4 H) before their sigmoid, states (N, B, H) in place."""
        enter, forget, candidate, leave = gates.sigmoid_().chunk(4, dim=-1)
        cell.mul_(forget).addcmul_(enter, candidate, value=4.0).sub_(enter, alpha=2.0)
        torch.sigmoid(cell, out=hidden).sub_(0.5).mul_(leave)
