"""Distances between predictions, and between attentions."""

import torch
from torch import Tensor


def total_variation(p: Tensor, q: Tensor) -> Tensor:
    """Total variation distance 1/2 sum_c |p_c - q_c| over all classes.

    Shapes: p, q (..., C), rows sum to 1, broadcast against each other; returns (...), in [0, 1]. NaN in, NaN out.
    """
    return 0.5 * (p - q).abs().sum(dim=-1)


def jensen_shannon(p: Tensor, q: Tensor) -> Tensor:
    """Jensen-Shannon divergence in nats of distributions (..., L), broadcast against each other; (...), <= ln 2.

    Differentiable; where a weight is 0 so is what it adds, and gradients stay finite.
    """
    tiny = torch.finfo(p.dtype).tiny
    middle = (0.5 * (p + q)).clamp_min(tiny)
    first, second = (torch.xlogy(one, (one / middle).clamp_min(tiny)) for one in (p, q))
    return 0.5 * (first + second).sum(dim=-1)


def kullback_leibler(p: Tensor, q: Tensor, floor: float = 1e-10) -> Tensor:
    """KL(p || q) = sum_t p_t ln(p_t / q_t) in nats of distributions (..., L), broadcast against each other; (...).

    Weights below `floor` count as that much within the logarithms: the divergence stays below ln(1 / floor) and
    gradients stay finite, also where a weight is 0.
    """
    ratio = p.clamp_min(floor).log() - q.clamp_min(floor).log()
    return (p * ratio).sum(dim=-1)
