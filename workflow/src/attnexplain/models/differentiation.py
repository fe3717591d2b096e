"""Gradients through a model that is only looked at: on a GPU, recurrent layers keep cuDNN's kernels.

cuDNN differentiates a recurrent layer in train mode alone; in eval mode PyTorch would have to go step by step. Without
dropout between its layers, a recurrent layer computes the same in both modes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def differentiable(model: nn.Module) -> Iterator[None]:
    """Recurrent layers, and no others, are in train mode with dropout off inside the block, and as they were after it.

    What the model computes stays what it computes in eval mode.
    """
    layers = [module for module in model.modules() if isinstance(module, nn.RNNBase)]
    before = [(layer, layer.training, layer.dropout) for layer in layers]
    try:
        for layer in layers:
            layer.training, layer.dropout = True, 0.0
        yield
    finally:
        for layer, training, dropout in before:
            layer.training, layer.dropout = training, dropout
