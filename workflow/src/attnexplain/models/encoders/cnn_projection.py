"""The convolutional encoder as its convolutions and the ReLU after them."""

import torch
from torch import Tensor
from torch.nn.functional import conv1d, conv_transpose1d

from attnexplain.models.encoders.cnn import CNN


class CNNProjection:
    """See `Projection`. What the rest is given has the shape (B, H, T)."""

    FEWEST = 1

    def __init__(self, encoder: CNN) -> None:
        named = {name: weight.detach() for name, weight in encoder.convolutions.named_parameters()}
        places = range(len(encoder.convolutions))
        self.filters = [named[f"{place}.weight"] for place in places]  # (H / 4, E, width) each
        self.bias = torch.cat([named[f"{place}.bias"] for place in places])[:, None]  # (H, 1)

    def linear(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """All filters, on words alone."""
        inputs = embedded.masked_fill(~mask[:, :, None], 0.0).transpose(1, 2)
        return torch.cat([conv1d(inputs, weight, padding=weight.shape[2] // 2) for weight in self.filters], dim=1)

    def states(self, given: Tensor, mask: Tensor) -> Tensor:
        """ReLU; 0 at padding."""
        return given.transpose(1, 2).relu().masked_fill(~mask[:, :, None], 0.0)

    def along(self, embedded: Tensor, linear: Tensor, gradient: Tensor) -> Tensor:
        """A filter's gradient goes back to all words in its window."""
        parts = zip(gradient.split([len(weight) for weight in self.filters], dim=1), self.filters, strict=True)
        back = sum(conv_transpose1d(part, weight, padding=weight.shape[2] // 2) for part, weight in parts)
        return (embedded.transpose(1, 2) * back).sum(dim=1)
