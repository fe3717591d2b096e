"""Convolutions of widths 1, 3, 5 and 7 side by side, as in Jain and Wallace (2019): same length, then ReLU."""

import torch
from torch import Tensor, nn

FACTS = {
    "name": "cnn",
    "title": "CNN",
    "citation": "Kim (2014)",
    "needs": [],
    "options": {
        "hidden": {
            "type": "integer",
            "default": 128,
            "minimum": 4,
            "multipleOf": 4,
            "description": "Size of the state: a quarter of it per width of convolution.",
        },
    },
}

WIDTHS = (1, 3, 5, 7)


class CNN(nn.Module):
    """h_t = ReLU([conv_1; conv_3; conv_5; conv_7] at t), H = hidden."""

    def __init__(self, embedding_size: int, *, hidden: int) -> None:
        super().__init__()
        self.size = hidden
        filters = hidden // len(WIDTHS)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(embedding_size, filters, width, padding=width // 2) for width in WIDTHS
        )

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Shapes: embedded (B, T, E); mask (B, T) bool. States (B, T, H), 0 at padding.

        What stands at padding is zeroed first, so that a text's end looks the same with and without padding.
        """
        inputs = embedded.masked_fill(~mask[:, :, None], 0.0).transpose(1, 2)  # (B, E, T)
        states = torch.cat([convolution(inputs) for convolution in self.convolutions], dim=1)  # (B, H, T)
        return states.transpose(1, 2).relu().masked_fill(~mask[:, :, None], 0.0)

    def last_hidden(self, states: Tensor, mask: Tensor) -> Tensor:
        """One vector (B, H) per text: the largest value of each filter in its states (B, T, H) over mask (B, T)."""
        return states.masked_fill(~mask[:, :, None], -torch.inf).amax(dim=1)
