"""Expected values: statsmodels' MixedLM, the normal density of contrasts, the balanced analysis of variance."""

import warnings

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import null_space
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

from attnexplain.statistics.intervals import two_way
from attnexplain.statistics.intervals.base import crossed
from attnexplain.statistics.intervals.mixed_model import components, interval, restricted_likelihood


def drawn(seed, n_seeds=4, n_examples=20, spread_seed=1.0, spread_example=1.0, keep=1.0):
    rng = np.random.default_rng(seed)
    table = spread_seed * rng.normal(size=(n_seeds, 1)) + spread_example * rng.normal(size=n_examples)
    table = table + rng.normal(size=table.shape)
    seeds, examples = np.indices(table.shape).reshape(2, -1)
    kept = rng.random(table.size) < keep
    return table.ravel()[kept], seeds[kept], examples[kept]


def by_statsmodels(values, seed, example):
    """(components, log-likelihood): one group, a variance component per factor."""
    seeds, examples = (np.unique(one, return_inverse=True)[1] for one in (seed, example))
    designs = [np.eye(int(one.max()) + 1)[one] for one in (seeds, examples)]
    names = [[[f"{place}" for place in range(design.shape[1])]] for design in designs]
    variances = VCSpec(["seed", "example"], names, [[design] for design in designs])
    model = MixedLM(values, np.ones((len(values), 1)), groups=np.ones(len(values)), exog_vc=variances)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it speaks of retries
        found = model.fit(reml=True)
    return np.array([*found.vcomp, found.scale]), found.llf


@pytest.mark.parametrize("keep", [1.0, 0.65])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_components_and_likelihood_are_those_of_statsmodels(seed, keep):
    data = drawn(seed, keep=keep)
    theirs, likelihood = by_statsmodels(*data)
    found = crossed(*data)
    ours = components(found)
    assert theirs[:2].min() > 0.05, "the comparison is of components above 0"
    np.testing.assert_allclose(ours, theirs, rtol=2e-3)  # they stop earlier
    assert restricted_likelihood(found, theirs) == pytest.approx(likelihood, abs=1e-8)
    assert likelihood - 1e-9 <= restricted_likelihood(found, ours) == pytest.approx(likelihood, abs=1e-5)


def test_the_restricted_likelihood_is_the_density_of_contrasts():
    values, seed, example = drawn(7, n_seeds=3, n_examples=5, keep=0.8)
    by_seed, by_example = np.eye(3)[seed], np.eye(5)[example]
    covariance = 0.7 * by_seed @ by_seed.T + 1.3 * by_example @ by_example.T + 0.5 * np.eye(len(values))
    contrasts = null_space(np.ones((1, len(values))))  # orthonormal, each of sum 0
    density = stats.multivariate_normal(cov=contrasts.T @ covariance @ contrasts).logpdf(contrasts.T @ values)
    found = restricted_likelihood(crossed(values, seed, example), np.array([0.7, 1.3, 0.5]))
    # The two definitions differ by a constant of the design: |X'X| of the mean's column.
    assert found == pytest.approx(density - 0.5 * np.log(len(values)), rel=1e-10)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_balanced_components_are_those_of_the_analysis_of_variance(scale):
    values, seed, example = drawn(2, n_seeds=3, n_examples=400)
    values = scale * values
    found = crossed(values, seed, example)
    of_seeds, of_examples, residual = two_way.two_way(found).squares
    expected = [(of_seeds - residual) / 400, (of_examples - residual) / 3, residual]
    assert min(expected) > 0
    np.testing.assert_allclose(components(found), expected, rtol=1e-5)
    ours, theirs = interval(values, seed, example, 0.95), two_way.interval(values, seed, example, 0.95)
    assert (ours.variance, ours.df) == pytest.approx((theirs.variance, theirs.df), rel=1e-5)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), rel=1e-5)


def test_a_component_that_comes_out_zero_is_pooled_with_the_residual():
    seen = set()
    for seed in range(60):
        values, seeds, examples = drawn(seed, 3, 12, spread_seed=0.2 * (seed % 3), spread_example=0.3 * (seed % 2))
        found = crossed(values, seeds, examples)
        squares, df = two_way.two_way(found).squares, found.df
        sums = squares * df
        without_seeds, without_examples = ((sums[i] + sums[2]) / (df[i] + df[2]) for i in (0, 1))
        if squares[0] < squares[2] and squares[1] > without_seeds:
            expected, case = [0, (squares[1] - without_seeds) / 3, without_seeds], "examples"
        elif squares[1] < squares[2] and squares[0] > without_examples:
            expected, case = [(squares[0] - without_examples) / 12, 0, without_examples], "seeds"
        elif max(squares[:2]) < squares[2]:
            expected, case = [0, 0, sums.sum() / df.sum()], "neither"
        else:
            continue
        np.testing.assert_allclose(components(found), expected, rtol=1e-4, atol=1e-9)
        limits = interval(values, seeds, examples, 0.95)
        assert limits.df == pytest.approx({"examples": 11, "seeds": 2, "neither": 35}[case], rel=1e-6)
        seen.add(case)
    assert seen == {"examples", "seeds", "neither"}


def test_unbalanced_variance_of_the_mean_is_that_of_the_fitted_model():
    values, seed, example = drawn(4, keep=0.6)
    parts = components(crossed(values, seed, example))
    by_seed, by_example = np.eye(4)[seed], np.eye(20)[example]
    covariance = parts[0] * by_seed @ by_seed.T + parts[1] * by_example @ by_example.T + parts[2] * np.eye(len(values))
    found = interval(values, seed, example, 0.9)
    assert found.variance == pytest.approx(covariance.mean(), rel=1e-12)
    half = stats.t.ppf(0.95, found.df) * np.sqrt(found.variance)
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half))


def test_unbalanced_degrees_of_freedom_are_those_of_the_average_information():
    """Dense matrices: AI = y' P V_i P V_j P y / 2 (Gilmour, Thompson & Cullis 1995), df = 2 V^2 / (w' AI^-1 w)."""
    values, seed, example = drawn(5, keep=0.6)
    parts = components(crossed(values, seed, example))
    total = len(values)
    factors = [one @ one.T for one in (np.eye(4)[seed], np.eye(20)[example], np.eye(total))]
    inverse = np.linalg.inv(sum(part * one for part, one in zip(parts, factors, strict=True)))
    P = inverse - inverse.sum(axis=1, keepdims=True) @ inverse.sum(axis=0, keepdims=True) / inverse.sum()
    information = [[values @ P @ a @ P @ b @ P @ values / 2 for b in factors] for a in factors]
    weights = np.array([one.mean() for one in factors])
    expected = 2 * (weights @ parts) ** 2 / (weights @ np.linalg.solve(information, weights))
    assert parts.min() > 0
    assert interval(values, seed, example, 0.9).df == pytest.approx(expected, rel=1e-6)


def test_without_a_residual_the_likelihood_has_no_maximum_and_there_is_no_interval():
    values = np.random.default_rng(6).normal(size=30)
    seed, example = np.repeat([0, 1, 2], 30), np.tile(np.arange(30), 3)
    assert interval(np.tile(values, 3), seed, example, 0.95).kind is None
    additive = np.add.outer([0.0, 1.0, 3.0], values).ravel()
    assert interval(additive, seed, example, 0.95).kind is None
    assert (
        interval(additive + 0.01 * np.random.default_rng(0).normal(size=90), seed, example, 0.95).kind == "mixed-model"
    )
