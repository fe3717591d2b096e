"""Expected range: quantiles of simulated cell means."""

import numpy as np
import pytest

from attnexplain.statistics.nulls import null_range


def test_null_range_holds_the_share_of_cell_means_it_says():
    rng = np.random.default_rng(0)
    mean, std = rng.uniform(0, 0.3, 40), rng.uniform(0.1, 0.4, 40)
    # Uniform values with these moments: the mean of forty is close to normal whatever the values are.
    draws = mean + std * np.sqrt(3) * rng.uniform(-1, 1, (20_000, 40))
    assert null_range(mean, std, np.arange(40), 0.9) == pytest.approx(
        np.quantile(draws.mean(axis=1), [0.05, 0.95]), abs=0.003
    )


@pytest.mark.parametrize("moments", [[], [np.nan, 0.1]])
def test_no_null_model_has_no_range(moments):
    moments = np.array(moments)
    assert np.isnan(null_range(moments, moments, np.arange(len(moments)), 0.95)).all()


def test_seeds_that_agree_in_chance_narrow_no_range():
    mean, std, example = np.zeros(30), np.full(30, 0.2), np.arange(30)
    one = null_range(mean, std, example, 0.95)
    assert null_range(np.tile(mean, 3), np.tile(std, 3), np.tile(example, 3), 0.95) == pytest.approx(one)
    assert null_range(mean, std, np.arange(30) // 3, 0.95)[1] == pytest.approx(one[1] * np.sqrt(3))
