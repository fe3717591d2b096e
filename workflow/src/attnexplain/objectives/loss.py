"""The class-weighted loss of classification, as in Jain and Wallace (2019)."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional


def class_weights(labels: np.ndarray, n_classes: int, mode: str) -> Tensor:
    """Weight (C,) of an example of each class: 1 throughout (`none`), or `balanced`.

    Balanced, two classes: 1 for class 0 and N_0 / N_1 for class 1; more: N / (C N_c), a class without examples
    counted as having one.
    """
    counts = np.bincount(labels, minlength=n_classes).clip(min=1)
    if mode == "none":
        return torch.ones(n_classes)
    balanced = counts[0] / counts if n_classes == 2 else len(labels) / (n_classes * counts)
    return torch.from_numpy(balanced.astype(np.float32))


def example_losses(logits: Tensor, label: Tensor, weights: Tensor) -> Tensor:
    """Weighted cross entropy (B,) of logits (B, 1), that of class 1 of two, or (B, C), under class weights (C,)."""
    if logits.shape[-1] > 1:
        return functional.cross_entropy(logits, label, weight=weights, reduction="none")
    losses = functional.binary_cross_entropy_with_logits(logits.squeeze(-1), label.to(logits), reduction="none")
    return losses * weights[label]
