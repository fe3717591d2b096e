"""Where the mean of a cell would lie if the metric's null model held for every example."""

import numpy as np
from scipy.special import ndtri

from attnexplain.metrics.ragged import Floats


def null_range(null_mean: Floats, null_std: Floats, confidence: float) -> tuple[float, float]:
    """mean(null_mean) -+ z sqrt(sum null_std^2) / M over the M values of a cell, independent under the null.

    Each value has its own moments, since they depend on the length of the text, on ties and on the amount of
    evidence; the mean of many is close to normal. NaN where a value has no null model.
    """
    if not len(null_mean):
        return float("nan"), float("nan")
    half = float(ndtri(0.5 + confidence / 2)) * float(np.sqrt((null_std**2).sum())) / len(null_std)
    return float(null_mean.mean()) - half, float(null_mean.mean()) + half
