"""The states of the average encoder without a word: each is of its own word alone, so that none changes."""

from collections.abc import Iterator

from torch import Tensor
from torch.nn.functional import linear

from attnexplain.models.encoders.average import Average
from attnexplain.models.encoders.deletions import Changed


class AverageDeletions:
    """See `Deletions`."""

    def __init__(self, encoder: Average, embedded: Tensor, weight: Tensor, bias: Tensor) -> None:
        self.read = linear(encoder.projection(embedded.transpose(0, 1)).tanh(), weight, bias)

    def changed(self, deleted: range) -> Iterator[Changed]:
        """Nothing."""
        yield from ()
