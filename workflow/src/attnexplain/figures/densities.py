"""Densities of numbers by a Gaussian kernel whose bandwidth is Scott's rule, and where one can be drawn at all."""

import numpy as np
from scipy.stats import gaussian_kde

from attnexplain.metrics.ragged import Floats

FEWEST = 5  # values; of fewer, points say more than a curve
_NARROWEST = 1e-9  # values within so little are one value


def has_density(values: Floats) -> bool:
    """Whether values (M,) are enough, and differ."""
    return len(values) >= FEWEST and float(np.ptp(values)) > _NARROWEST


def density(values: Floats, points: int, *, cut: float, limits: tuple[float, float]) -> tuple[Floats, Floats]:
    """Places (points,) and densities there (points,), from `cut` bandwidths below the least value to as many above
    the largest, within `limits`.

    The bandwidth is std(values, ddof 1) M^(-1/5) (Scott 1992, Multivariate Density Estimation).
    """
    kernel = gaussian_kde(values, "scott")
    reach = cut * float(np.sqrt(kernel.covariance[0, 0]))
    x = np.linspace(max(limits[0], values.min() - reach), min(limits[1], values.max() + reach), points)
    return x, kernel(x)
