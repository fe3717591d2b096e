"""The probability of a class as a function of the attention weights, what they mix held fixed.

The derivative is the plain partial one, as published: each weight moves by itself, as if it were free, although the
weights of a text sum to 1. A constant added to all of a text's derivatives is a step off the simplex: it changes
signs and what the largest magnitude is, but no signed ranking and nothing that moving mass between tokens does.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier


@dataclass(frozen=True)
class ByWeight:
    """dp(target)/d alpha_t under the learned weights. Shapes: derivative, weights (B, T); probability (B, C)."""

    derivative: Tensor
    weights: Tensor
    probability: Tensor
    target: Tensor


def by_weight(model: Classifier, batch: Batch) -> ByWeight:
    """How the probability of the predicted class moves with each weight: a pass through the decoder and back.

    The weights alone are differentiated, so no parameter's `.grad` is touched, and the encoder has no backward pass.
    """
    with torch.no_grad():
        query = model.query(batch)
        output = model(batch, query)
    with torch.enable_grad():
        weights = output.weights.detach().requires_grad_()
        probability = model.probabilities(model.decode(output.values, weights, query))
        target = probability.argmax(dim=-1)
        # Example i's probability depends on example i alone, so the gradient of the sum is the stack of gradients.
        (derivative,) = torch.autograd.grad(probability.gather(1, target[:, None]).sum(), weights)
    return ByWeight(derivative, weights.detach(), probability.detach(), target)
