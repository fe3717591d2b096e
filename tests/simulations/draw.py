"""Values of examples crossed with seeds whose population mean is known: nothing here comes from the package.

A value is g(z), z = seed + example + residual, independent normal parts whose variances add up to 1. The population
mean, over seeds and examples alike, is therefore E g(N(0, 1)), whatever the shares of the parts:

normal    0.3 + 0.3 z
tau       2 K - 1, in [-1, 1], K of Kumaraswamy's distribution with a = 3.5, b = 3: mean .24, skewed to the left
accuracy  1 where z is below the normal quantile of .8, else 0: the mean is .8
tvd       K with a = 0.8, b = 4, in [0, 1], most values near 0, some near 1: mean .15, skewed to the right

Kumaraswamy (1980): K = (1 - (1 - u)^(1/b))^(1/a) of a uniform u, with mean b B(1 + 1/a, b); u is the normal
distribution function of z.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import beta, ndtr, ndtri

from simulations.cell import Floats

# Shares of seed, example and residual in the variance of one value.
SHARES = {
    "examples": (0.002, 0.8, 0.198),
    "even": (0.05, 0.45, 0.5),
    "seeds": (0.5, 0.2, 0.3),
    "neither": (0.0, 0.0, 1.0),
}


@dataclass(frozen=True)
class Values:
    """g, its mean under N(0, 1), and its mean under N(m, v)."""

    of: Callable[[Floats], Floats]
    mean: float
    mean_given: Callable[[Floats, float], Floats]


def _by_quadrature(of: Callable[[Floats], Floats]) -> Callable[[Floats, float], Floats]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)

    def mean_given(centre: Floats, variance: float) -> Floats:
        points = np.asarray(centre)[..., None] + np.sqrt(variance) * nodes
        return np.asarray(of(points) @ weights / weights.sum())

    return mean_given


def _kumaraswamy(a: float, b: float) -> Callable[[Floats], Floats]:
    # The upper tail of u is ndtr(-z): 1 - u would lose it.
    return lambda z: (-np.expm1(np.log(ndtr(-z)) / b)) ** (1 / a)


def _smooth(of: Callable[[Floats], Floats], mean: float) -> Values:
    return Values(of, mean, _by_quadrature(of))


_TAU, _TVD = _kumaraswamy(3.5, 3.0), _kumaraswamy(0.8, 4.0)
_ACCURACY = 0.8
VALUES = {
    "normal": _smooth(lambda z: 0.3 + 0.3 * z, 0.3),
    "tau": _smooth(lambda z: 2 * _TAU(z) - 1, 2 * 3.0 * float(beta(1 + 1 / 3.5, 3.0)) - 1),
    "accuracy": Values(
        lambda z: (z < ndtri(_ACCURACY)).astype(np.float64),
        _ACCURACY,
        lambda centre, variance: np.asarray(ndtr((ndtri(_ACCURACY) - centre) / np.sqrt(variance))),
    ),
    "tvd": _smooth(_TVD, 4.0 * float(beta(1 + 1 / 0.8, 4.0))),
}


def latent(rng: np.random.Generator, variance: str, n_seeds: int, n_examples: int) -> tuple[Floats, Floats]:
    """(z (S, N), its seed part (S,))."""
    of_seed, of_example, of_residual = np.sqrt(SHARES[variance])
    seed = of_seed * rng.standard_normal(n_seeds)
    example = of_example * rng.standard_normal(n_examples)
    return seed[:, None] + example + of_residual * rng.standard_normal((n_seeds, n_examples)), seed


def present(rng: np.random.Generator, design: str, n_seeds: int, n_examples: int) -> np.ndarray:
    """Which values there are (S, N): all, or those of a class that a model predicts for an example, or does not.

    `class-wise`: an example is predicted as the class with a probability of its own, U-shaped (Beta(.5, .5)): most are
    under nearly every seed or nearly none. It has nothing to do with the values, so their mean stays what it is.
    """
    if design == "complete":
        return np.ones((n_seeds, n_examples), bool)
    return np.asarray(rng.random((n_seeds, n_examples)) < rng.beta(0.5, 0.5, n_examples))


def long(table: Floats, kept: np.ndarray) -> tuple[Floats, np.ndarray, np.ndarray]:
    """(values, seed, example), each (M,), of a table (S, N) and which of it are there."""
    seed, example = kept.nonzero()
    return table[seed, example], seed, example


def models(rng: np.random.Generator, variance: str, n_seeds: int, n_examples: int) -> Floats:
    """z (2, S, N) of two models alike in everything: seeds of their own, examples that are hard for both."""
    return alike(rng, variance, 2, n_seeds, n_examples, of_seeds=0.0, of_examples=0.8)


def alike(
    rng: np.random.Generator,
    variance: str,
    count: int,
    n_seeds: int,
    n_examples: int,
    *,
    of_seeds: float,
    of_examples: float,
) -> Floats:
    """z (K, S, N) of K tables whose seeds' parts correlate by `of_seeds`, whose examples' parts by `of_examples`."""
    seed = _correlated(rng, of_seeds, (count, n_seeds, 1))
    example = _correlated(rng, of_examples, (count, 1, n_examples))
    parts = (seed, example, rng.standard_normal((count, n_seeds, n_examples)))
    shares = np.sqrt(SHARES[variance])
    return np.asarray(sum(share * part for share, part in zip(shares, parts, strict=True)))


def _correlated(rng: np.random.Generator, correlation: float, shape: tuple[int, ...]) -> Floats:
    """Normal numbers that correlate over the first axis."""
    shared, own = rng.standard_normal((1, *shape[1:])), rng.standard_normal(shape)
    return np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
