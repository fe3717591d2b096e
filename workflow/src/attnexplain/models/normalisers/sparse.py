"""What the sparse normalisers share: rows of unequal length through functions that know of none."""

from collections.abc import Callable

from torch import Tensor, inf


def over_attended(normalise: Callable[[Tensor], Tensor], scores: Tensor, attended: Tensor) -> Tensor:
    """`normalise` scores (B, T) along the attended (B, T) tokens of each row; 0 elsewhere, and in rows without any.

    A score of -inf has no weight under any threshold. Rows of nothing else have no threshold, so theirs stay as they
    are until their weights are dropped.
    """
    left_out = attended.any(dim=-1, keepdim=True) & ~attended
    weights = normalise(scores.masked_fill(left_out, -inf))
    return weights.masked_fill(~attended, 0.0)
