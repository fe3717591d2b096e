"""Distances between predictions."""

from torch import Tensor


def total_variation(p: Tensor, q: Tensor) -> Tensor:
    """Total variation distance 1/2 sum_c |p_c - q_c| over all classes.

    Shapes: p, q (..., C), rows sum to 1, broadcast against each other; returns (...), in [0, 1]. NaN in, NaN out.
    """
    return 0.5 * (p - q).abs().sum(dim=-1)
