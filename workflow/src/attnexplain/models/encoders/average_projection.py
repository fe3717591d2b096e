"""The average encoder as its linear layer and the tanh after it."""

from torch import Tensor

from attnexplain.models.encoders.average import Average


class AverageProjection:
    """See `Projection`. What the rest is given has the shape of the states."""

    FEWEST = 1

    def __init__(self, encoder: Average) -> None:
        self.inputs = encoder.projection.weight.detach().T  # (E, H)
        self.bias = encoder.projection.bias.detach()

    def linear(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """One product."""
        return embedded @ self.inputs

    def states(self, given: Tensor, mask: Tensor) -> Tensor:
        """tanh; 0 at padding."""
        return given.tanh().masked_fill(~mask[:, :, None], 0.0)

    def along(self, embedded: Tensor, linear: Tensor, gradient: Tensor) -> Tensor:
        """Each state is of its own word."""
        return (linear * gradient).sum(dim=-1)
