"""A double for want of memory: an encoder that refuses batches of more positions than a limit."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnexplain.models.classifier import Classifier

ON_A_GPU = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nMore lines.")
ON_THE_CPU = RuntimeError("[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory")


class Scarce(nn.Module):
    """An encoder as it is, as long as no more than `limit` positions (texts x padded length) go through it at once."""

    def __init__(self, encoder: nn.Module, limit: int, error: Exception = ON_A_GPU) -> None:
        super().__init__()
        self.encoder, self.limit, self.error = encoder, limit, error
        self.size, self.last_hidden = encoder.size, encoder.last_hidden
        self.passed: list[int] = []  # positions of each batch that went through

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        if mask.numel() > self.limit:
            raise self.error
        self.passed.append(mask.numel())
        states: Tensor = self.encoder(embedded, mask)
        return states


def scarce(model: Classifier, limit: int, error: Exception = ON_A_GPU) -> Classifier:
    """The model, with an encoder of scarce memory."""
    model.encoder = Scarce(model.encoder, limit, error)
    return model


def scarcely(load: Callable[..., Classifier], limit: int) -> Callable[..., Classifier]:
    """What loads a model, of scarce memory then."""
    return lambda *given, **named: scarce(load(*given, **named), limit)
