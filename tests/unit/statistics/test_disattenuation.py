"""Agreement without the seeds' noise. Expected: scores whose noiseless part is known, and plain numpy and scipy."""

import numpy as np
import pytest
from scipy import stats

from attnexplain.metrics.kendall import kendall
from attnexplain.statistics.disattenuation import (
    Disattenuated,
    disattenuate,
    disattenuated_tau,
    ratio_of_taus,
)

SHAPES = {
    "normal": (lambda rng, size: rng.normal(size=size), lambda x: x),
    "magnitudes": (lambda rng, size: rng.normal(size=size), np.abs),
    "heavy tails": (lambda rng, size: rng.standard_t(3, size=size) / np.sqrt(3), lambda x: x),
    "skewed": (lambda rng, size: rng.exponential(size=size) - 1, lambda x: x),
}


def taus(a, b):
    return kendall(a, b, np.full(len(a), a.shape[1]))[0]


def simulated(shape, rho, reliability, *, n_examples=6000, n_tokens=20, spread=0.0, n_seeds=2, seed=0):
    """Mean tau of the noiseless scores, and taus (S, S, N) of both methods, of the first, of the second."""
    rng, (draw, seen) = np.random.default_rng(seed), SHAPES[shape]
    size = (n_examples, n_tokens)
    first = draw(rng, size)
    second = rho * first + np.sqrt(1 - rho**2) * draw(rng, size)
    share = [np.clip(r + spread * rng.uniform(-1, 1, (n_examples, 1)), 0.02, 0.98) for r in reliability]
    scores = [
        [seen(np.sqrt(r) * part + np.sqrt(1 - r) * rng.normal(size=size)) for _ in range(n_seeds)]
        for part, r in zip((first, second), share, strict=True)
    ]
    return taus(seen(first), seen(second)).mean(), *(between(scores, *pair) for pair in ((0, 1), (0, 0), (1, 1)))


def between(scores, m, n):
    seeds = range(len(scores[m]))
    values = np.full((len(seeds), len(seeds), len(scores[m][0])), np.nan)
    for a in seeds:
        for b in (other for other in seeds if other != a):
            values[a, b] = taus(scores[m][a], scores[n][b])
    return values


def means(every):
    return [float(np.nanmean(values)) for values in every]


@pytest.mark.parametrize("reliability", [(0.5, 0.5), (0.8, 0.8), (0.3, 0.9)])
@pytest.mark.parametrize("rho", [0.5, 0.8])
@pytest.mark.parametrize(("shape", "spread"), [*((shape, 0.0) for shape in SHAPES), ("normal", 0.3)])
def test_it_is_nearer_to_the_noiseless_tau_than_the_ratio_of_taus_is(shape, spread, rho, reliability):
    truth, *every = simulated(shape, rho, reliability, spread=spread)
    error = disattenuated_tau(*means(every)) - truth
    assert abs(error) < {"normal": 0.02, "magnitudes": 0.12}.get(shape, 0.05) + 0.15 * spread
    assert abs(error) < abs(ratio_of_taus(*means(every)) - truth)


def test_what_is_attenuated_is_the_agreement_across_seeds_not_within_a_run():
    """Methods that share a seed's own part agree within a run for a reason that no other seed has."""
    rng, size = np.random.default_rng(0), (2000, 20)
    shared, seeds = rng.normal(size=(2, *size)), rng.normal(size=(2, *size))
    scores = [[shared[m] + seeds[s] + 0.5 * rng.normal(size=size) for s in range(2)] for m in range(2)]
    found = disattenuated_tau(*means(between(scores, *pair) for pair in ((0, 1), (0, 0), (1, 1))))
    within = taus(scores[0][0], scores[1][0]).mean()
    assert found == pytest.approx(0, abs=0.02) and within > 0.25


def test_perfect_reliability_changes_nothing_and_perfect_agreement_is_one():
    assert disattenuated_tau(0.3, 1.0, 1.0) == pytest.approx(0.3, rel=1e-12)
    assert ratio_of_taus(0.3, 1.0, 1.0) == pytest.approx(0.3)
    assert disattenuated_tau(0.4, 0.4, 0.4) == pytest.approx(1.0)
    assert disattenuated_tau(-0.4, 0.4, 0.4) == pytest.approx(-1.0)


def test_above_one_it_is_the_correlation_itself_and_not_clipped():
    expected = np.sin(np.pi / 4) / np.sin(np.pi / 8)
    assert disattenuated_tau(0.5, 0.25, 0.25) == pytest.approx(expected, rel=1e-12) and expected > 1
    assert disattenuated_tau(-0.5, 0.25, 0.25) == pytest.approx(-expected, rel=1e-12)


@pytest.mark.parametrize("reliability", [(0.0, 0.5), (0.5, -0.1), (-0.2, -0.2)])
def test_without_a_positive_reliability_it_is_undefined(reliability):
    assert np.isnan([disattenuated_tau(0.1, *reliability), ratio_of_taus(0.1, *reliability)]).all()
    every = [np.full((3, 3, 5), tau) for tau in (0.1, *reliability)]
    assert disattenuate(*every, 0.95).kind is None and np.isnan(disattenuate(*every, 0.95).value)


def correlation(every):
    cross, first, second = (np.sin(np.pi / 2 * np.nanmean(values)) for values in every)
    return cross / np.sqrt(first * second)


def as_tau(r):
    return 2 / np.pi * np.arcsin(r) if abs(r) <= 1 else r


@pytest.mark.parametrize("n_seeds", [2, 3, 4])
def test_the_interval_is_the_jackknife_written_out(n_seeds):
    _, *every = simulated("normal", 0.6, (0.5, 0.7), n_examples=30, n_seeds=n_seeds)
    found = disattenuate(*every, 0.9)
    r = correlation(every)
    by_example = np.array([correlation([np.delete(values, i, 2) for values in every]) for i in range(30)])
    variance = 29 / 30 * ((by_example - by_example.mean()) ** 2).sum()
    df, kind = 29, "examples-only"
    if n_seeds > 2:
        left = [np.delete(np.arange(n_seeds), s) for s in range(n_seeds)]
        by_seed = np.array([correlation([values[np.ix_(kept, kept)] for values in every]) for kept in left])
        variance += (n_seeds - 1) / n_seeds * ((by_seed - by_seed.mean()) ** 2).sum()
        df, kind = n_seeds - 1, "jackknife-seeds"
    half = stats.t.ppf(0.95, df) * np.sqrt(variance)
    assert found.kind == kind
    assert (found.value, found.low, found.high) == pytest.approx([as_tau(one) for one in (r, r - half, r + half)])


def test_examples_without_any_value_do_not_count():
    _, *every = simulated("normal", 0.6, (0.5, 0.7), n_examples=30, n_seeds=3)
    empty = np.full((3, 3, 4), np.nan)
    assert disattenuate(*(np.concatenate([values, empty], axis=2) for values in every), 0.95) == disattenuate(
        *every, 0.95
    )


def test_values_that_are_all_equal_have_an_interval_of_width_zero():
    every = [np.where(np.eye(3, dtype=bool)[:, :, None], np.nan, np.full((3, 3, 5), tau)) for tau in (0.2, 0.5, 0.5)]
    found = disattenuate(*every, 0.95)
    assert found == Disattenuated(found.value, *(pytest.approx(found.value),) * 2, "jackknife-seeds")
