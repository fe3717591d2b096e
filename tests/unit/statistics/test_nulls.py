"""Expected range: quantiles of simulated cell means."""

import numpy as np
import pytest

from attnexplain.statistics.nulls import null_range


def test_null_range_holds_the_share_of_cell_means_it_says():
    rng = np.random.default_rng(0)
    mean, std = rng.uniform(0, 0.3, 40), rng.uniform(0.1, 0.4, 40)
    # Uniform values with these moments: the mean of forty is close to normal whatever the values are.
    draws = mean + std * np.sqrt(3) * rng.uniform(-1, 1, (20_000, 40))
    assert null_range(mean, std, 0.9) == pytest.approx(np.quantile(draws.mean(axis=1), [0.05, 0.95]), abs=0.003)


@pytest.mark.parametrize("moments", [[], [np.nan, 0.1]])
def test_no_null_model_has_no_range(moments):
    assert np.isnan(null_range(np.array(moments), np.array(moments), 0.95)).all()
