"""Densities. Expected: the sum of kernels written out, with Scott's bandwidth."""

import numpy as np
import pytest

from attnexplain.figures.densities import density, has_density

VALUES = np.random.default_rng(3).beta(2, 5, 40)


def test_the_density_is_the_mean_of_kernels_with_scotts_bandwidth() -> None:
    x, found = density(VALUES, 11, cut=0.0, limits=(-np.inf, np.inf))
    h = VALUES.std(ddof=1) * len(VALUES) ** (-1 / 5)
    kernels = [np.exp(-(((place - VALUES) / h) ** 2) / 2) / (h * np.sqrt(2 * np.pi)) for place in x]
    np.testing.assert_allclose(found, np.mean(kernels, axis=1), rtol=1e-12)


def test_without_a_cut_it_ends_where_the_data_end() -> None:
    x, _ = density(VALUES, 11, cut=0.0, limits=(-1, 2))
    assert (x[0], x[-1]) == (VALUES.min(), VALUES.max())


def test_a_cut_is_in_bandwidths_and_stays_within_the_limits() -> None:
    h = VALUES.std(ddof=1) * len(VALUES) ** (-1 / 5)
    x, _ = density(VALUES, 11, cut=2.0, limits=(0.0, 2.0))
    assert x[0] == 0.0 and x[-1] == pytest.approx(VALUES.max() + 2 * h)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0.1, 0.2, 0.3, 0.4, 0.5], True), ([0.1, 0.2, 0.3, 0.4], False), ([0.2] * 50, False), ([], False)],
)
def test_few_or_equal_values_have_none(values: list[float], expected: bool) -> None:
    assert has_density(np.array(values)) is expected
