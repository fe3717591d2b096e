"""An encoder as the affine map of the embeddings it starts with, and the rest: for gradients at many related points.

    states = rest(linear(e) + bias)

What is linear is computed once for all points of a line through e, and the gradient of a class is taken at what the
rest is given, which spares a product with the input weights per point in either direction. An encoder says so in a
file beside it, named in the registry's family `projections`; others are taken whole, and so is every encoder on a GPU,
whose own kernels are faster than a rest of many small steps.
"""

from typing import ClassVar, Protocol

import torch
from torch import Tensor, nn

from attnexplain import registry


class Projection(Protocol):
    """Made of (encoder,). Letters: B texts, T positions, E embedding, P what the rest is given, H states.

    `bias`, which broadcasts to what the rest is given, is that where the embedding is 0. With less than FEWEST texts
    side by side the encoder is faster whole.
    """

    FEWEST: ClassVar[int]
    bias: Tensor

    def linear(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Embeddings (B, T, E) and mask (B, T) -> (B, T, P), without the bias; outside any graph."""

    def states(self, given: Tensor, mask: Tensor) -> Tensor:
        """`linear` + `bias` (B, T, P) and mask (B, T) -> states (B, T, H), differentiable."""

    def along(self, embedded: Tensor, linear: Tensor, gradient: Tensor) -> Tensor:
        """e_t . d/de_t (B, T) of what has the `gradient` (B, T, P) at what the rest is given; `linear` is of e."""


class Whole:
    """The encoder taken whole: what it is given are the embeddings."""

    FEWEST: ClassVar[int] = 1

    def __init__(self, encoder: nn.Module) -> None:
        self.encoder = encoder
        self.bias = torch.zeros(())

    def linear(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """The embeddings."""
        return embedded

    def states(self, given: Tensor, mask: Tensor) -> Tensor:
        """The encoder's."""
        states: Tensor = self.encoder(given, mask)
        return states

    def along(self, embedded: Tensor, linear: Tensor, gradient: Tensor) -> Tensor:
        """Per token."""
        return (embedded * gradient).sum(dim=-1)


def projection(encoder: nn.Module, embedded: Tensor) -> Projection:
    """The encoder's own, where it is faster for embeddings (B, T, E).

    Not for models whose values are made of the embeddings too (`Classifier.mixes_states`): take these `Whole`.
    """
    own = registry.companion("projections", "encoder", type(encoder)) if embedded.device.type == "cpu" else None
    if own is None or len(embedded) < own.FEWEST:
        return Whole(encoder)
    found: Projection = own(encoder)
    return found
