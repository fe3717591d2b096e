"""Expected values: Cohen's d by hand; coverage of the standardised effect by simulation."""

import numpy as np
import pytest

from attnexplain.statistics.effects import standardised
from attnexplain.statistics.intervals.base import Interval
from attnexplain.statistics.intervals.two_way import interval


def test_it_is_the_distance_in_standard_deviations_and_so_are_the_ends():
    found = standardised(0.5, 0.1, 0.2, Interval(0.4, 0.6, "two-way", 1.0, 3.0))
    assert found == pytest.approx({"effect": 2.0, "effect_low": 1.5, "effect_high": 2.5})


@pytest.mark.parametrize("spread", [None, 0.0])
def test_values_that_do_not_vary_have_none(spread):
    assert standardised(0.5, 0.1, spread, Interval(0.5, 0.5, "two-way", 0.0, 3.0)) == {}


@pytest.mark.parametrize(("spread_seed", "lowest"), [(0.0, 0.92), (0.15, 0.90), (1.0, 0.80)])
def test_its_interval_covers_the_true_effect(spread_seed, lowest):
    """Three seeds, 60 examples; where seeds are most of a value's variance the error of SD counts, as documented."""
    rng, hits, rounds = np.random.default_rng(0), 0, 400
    truth = 0.8 / np.sqrt(spread_seed**2 + 1 + 0.25)
    for _ in range(rounds):
        table = 0.8 + spread_seed * rng.normal(size=(3, 1)) + rng.normal(size=60) + 0.5 * rng.normal(size=(3, 60))
        limits = interval(table.ravel(), *np.indices(table.shape).reshape(2, -1), 0.95)
        found = standardised(table.mean(), 0.0, float(table.std(ddof=1)), limits)
        hits += found["effect_low"] <= truth <= found["effect_high"]
    assert lowest <= hits / rounds <= 0.99
