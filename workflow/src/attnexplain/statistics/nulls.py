"""Where the mean of a cell would lie if the metric's null model held for every example."""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from attnexplain.metrics.ragged import Floats


def null_range(null_mean: Floats, null_std: Floats, example: npt.NDArray, confidence: float) -> tuple[float, float]:
    """mean(null_mean) -+ z sqrt(sum_i (sum_s null_std)^2) / M over the M values of a cell; `example` (M,): any labels.

    Each value has its own moments, since they depend on the length of the text, on ties and on the amount of
    evidence; the mean of many is close to normal. Examples are independent under the null. Seeds need not be: models
    of one kind may agree in scores that mean nothing. The standard deviation of a sum is at most the sum of those of
    its parts, so that the range is right where seeds agree, and too wide where they do not. NaN where a value has no
    null model.
    """
    if not len(null_mean):
        return float("nan"), float("nan")
    _, index = np.unique(example, return_inverse=True)
    spread = np.bincount(index, null_std)
    half = float(ndtri(0.5 + confidence / 2)) * float(np.sqrt((spread**2).sum())) / len(null_std)
    return float(null_mean.mean()) - half, float(null_mean.mean()) + half
