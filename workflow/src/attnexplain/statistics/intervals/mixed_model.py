"""Confidence interval of a mean by a mixed model: crossed random intercepts of seed and example, fitted by REML.

    value = mean + seed + example + residual,    V = var_s Z_s Z_s' + var_e Z_e Z_e' + var_r I

The components maximise the restricted likelihood (Patterson & Thompson 1971; Searle, Casella & McCulloch 1992, chapter
6) with none below 0: what `statsmodels.MixedLM` maximises for one group with two variance components. That takes time
and memory that grow as the cube of the examples (2 s of 300 examples under 3 seeds, 80 s of 1,000), so it is the tests'
reference, and the same function is computed here from sums over examples that have equally many values. With n_e values
of an example, c_n = var_e / (var_r + n var_e), and A the covariance without seeds,

    A^-1 = (I - sum_e c_{n_e} 1_e 1_e') / var_r,    V^-1 = A^-1 - A^-1 Z_s (I / var_s + Z_s' A^-1 Z_s)^-1 Z_s' A^-1

is a matter of S x S matrices, exactly, whatever the design; the mean's column is Z_s 1.

What is estimated is the mean of all values, as in the other kinds, so that its variance is
V = var_s sum n_s^2 / M^2 + var_e sum n_e^2 / M^2 + var_r / M with the fitted components; the interval is Wald's,
mean +- t sqrt(V). Degrees of freedom are Satterthwaite's, 2 V^2 / var(V), var(V) from the average information (Gilmour,
Thompson & Cullis 1995) of the components above 0. On balanced data whose components all come out positive, V and df are
those of `two_way.py`; where one comes out 0, its sum of squares is pooled with the residual.

No interval (NaN, kind None) where `two_way.py` has none, nor where the residual is less than a ten-millionth of another
component (seeds that agree exactly): the restricted likelihood has no maximum then. Values that are all equal have an
interval of width 0.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.intervals.base import NONE, Crossed, Interval, crossed, over_examples, symmetric
from attnexplain.statistics.intervals.two_way import parts_of, two_way

FACTS = {
    "name": "mixed-model",
    "title": "mixed model with crossed random intercepts, REML, Satterthwaite's degrees of freedom",
    "citation": "Patterson & Thompson (1971)",
    "options": {},
}
KIND = "mixed-model"
# Between these lie var_s / var_r and var_e / var_r: below they are 0, above the residual is.
_SMALLEST, _LARGEST = 1e-10, 1e7


def interval(
    values: Floats, seed: npt.NDArray, example: npt.NDArray, confidence: float, *, centre: float | None = None
) -> Interval:
    """Interval of the mean of `values` (M,) observed under `seed` (M,) and `example` (M,), any labels."""
    found = crossed(values, seed, example)
    if not found.enough:
        return NONE
    if found.n_seeds == 1:
        return over_examples(found, confidence, centre)
    if found.df.min() < 1:
        return NONE
    if not found.centred.any():
        return symmetric(found, 0.0, float("inf"), KIND, confidence, centre)
    parts = components(found)
    if np.isnan(parts).any():
        return NONE
    variance = float(found.weights @ parts)
    df, of_variance = degrees_of_freedom(found, parts), parts_of(two_way(found))
    return symmetric(found, variance, df, KIND, confidence, centre, of_variance)


def components(found: Crossed) -> Floats:
    """REML estimates of the variances of seeds, examples and residual (3,); NaN where there is no maximum."""
    sums = _sums(found)
    fits = [_fit(sums, *free) for free in ((), (0,), (1,), (0, 1))]
    best = min(value for value, _ in fits)
    # The fewest components that are as likely, up to rounding: an estimate that tends to 0 is 0.
    ratios = next(ratios for value, ratios in fits if value <= best + 1e-8)
    if ratios.max() > 0.999 * _LARGEST:
        return np.full(3, np.nan)
    estimates: Floats = sums.profile(ratios)[1] * np.append(ratios, 1.0)
    return estimates


def restricted_likelihood(found: Crossed, parts: Floats) -> float:
    """Logarithm of the restricted likelihood at the variances (3,), that of the residual above 0."""
    residual, free = float(parts[2]), len(found.values) - 1
    determinants, square = _sums(found).terms(parts[:2] / residual)
    return -0.5 * (free * float(np.log(2 * np.pi * residual)) + determinants + square / residual)


def degrees_of_freedom(found: Crossed, parts: Floats) -> float:
    """Satterthwaite's degrees of freedom of the variance of the mean at the REML estimates (3,)."""
    once = _projected(found, parts, found.centred)
    by_effect = (np.bincount(found.seed, once)[found.seed], np.bincount(found.example, once)[found.example], once)
    kept = np.flatnonzero(parts > 0)
    # Everything in units of the components, which may differ by orders of magnitude.
    moved = [parts[i] * by_effect[i] for i in kept]
    information = 0.5 * np.array([[a @ _projected(found, parts, b) for b in moved] for a in moved])
    shares = found.weights[kept] * parts[kept]
    return float(2 * shares.sum() ** 2 / (shares @ np.linalg.solve(information, shares)))


@dataclass(frozen=True)
class _Sums:
    """All that the restricted likelihood knows of the data; K: how many values an example may have.

    `sizes` (K,) and how many examples have each; of these examples, `shared` (K, S, S): under which two seeds,
    `by_seed` (K, S): totals of the examples by seed, `squares` (K,): squared totals; `per_seed` (S,): counts.
    """

    sizes: Floats
    n_examples: Floats
    shared: Floats
    by_seed: Floats
    squares: Floats
    per_seed: Floats
    seed_totals: Floats
    square: float

    def terms(self, ratios: Floats) -> tuple[float, float]:
        """(log |V| + log |x' V^-1 x|, y' P y) in units of var_r, x the mean's column, at var_s and var_e (2,)."""
        of_seeds, of_examples = ratios
        c = of_examples / (1 + self.sizes * of_examples)
        inside = np.diag(self.per_seed) - np.tensordot(c, self.shared, 1)  # Z_s' A^-1 Z_s
        right = self.seed_totals - c @ self.by_seed
        swept = np.eye(len(right)) + of_seeds * inside
        by_mean = np.linalg.solve(swept, np.column_stack([inside.sum(axis=1), right]))
        determinant = float(self.n_examples @ np.log1p(self.sizes * of_examples) + np.linalg.slogdet(swept)[1])
        xx, xy = by_mean.sum(axis=0)
        square = self.square - float(c @ self.squares) - of_seeds * float(right @ by_mean[:, 1])
        return determinant + float(np.log(xx)), square - float(xy**2 / xx)

    def profile(self, ratios: Floats) -> tuple[float, float]:
        """-2 log restricted likelihood less its constant, at the likeliest var_r, and that var_r."""
        free = float(self.per_seed.sum()) - 1
        determinants, square = self.terms(ratios)
        residual = max(square / free, np.finfo(float).tiny)
        return free * float(np.log(residual)) + determinants, residual


def _sums(found: Crossed) -> _Sums:
    totals, count = np.bincount(found.example, found.centred), found.present.sum(axis=1)
    sizes = np.unique(count)
    groups = [(found.present[count == size], totals[count == size]) for size in sizes]
    return _Sums(
        sizes=sizes,
        n_examples=np.array([len(total) for _, total in groups], np.float64),
        shared=np.stack([present.T @ present for present, _ in groups]),
        by_seed=np.stack([total @ present for present, total in groups]),
        squares=np.array([total @ total for _, total in groups]),
        per_seed=found.present.sum(axis=0),
        seed_totals=np.asarray(np.bincount(found.seed, found.centred), np.float64),
        square=float(found.centred @ found.centred),
    )


def _fit(sums: _Sums, *free: int) -> tuple[float, Floats]:
    """The profile's minimum over the ratios (2,) that are `free`, the others 0, and where it is."""

    def criterion(logarithms: Floats) -> float:
        return sums.profile(_ratios(logarithms, free))[0]

    if not free:
        return criterion(np.zeros(0)), np.zeros(2)
    options = {"gtol": 1e-9, "ftol": 1e-15}
    bounds = [(np.log(_SMALLEST), np.log(_LARGEST))] * len(free)
    found = minimize(criterion, np.zeros(len(free)), method="L-BFGS-B", jac="3-point", bounds=bounds, options=options)
    return float(found.fun), _ratios(found.x, free)


def _ratios(logarithms: Floats, free: tuple[int, ...]) -> Floats:
    ratios = np.zeros(2)
    ratios[list(free)] = np.exp(logarithms)
    return ratios


def _projected(found: Crossed, parts: Floats, vector: Floats) -> Floats:
    """P (M,): V^-1 less the part of the mean."""
    solved, ones = (_solved(found, parts, one) for one in (vector, np.ones_like(vector)))
    projected: Floats = solved - ones * (solved.sum() / ones.sum())
    return projected


def _solved(found: Crossed, parts: Floats, vector: Floats) -> Floats:
    """V^-1 times a vector (M,)."""
    of_seeds, of_examples, residual = parts
    c = of_examples / (residual + found.present.sum(axis=1) * of_examples)

    def without_seeds(one: Floats) -> Floats:
        swept: Floats = (one - (c * np.bincount(found.example, one))[found.example]) / residual
        return swept

    first = without_seeds(vector)
    inside = (np.diag(found.present.sum(axis=0)) - found.present.T @ (c[:, None] * found.present)) / residual
    shift = of_seeds * np.linalg.solve(np.eye(found.n_seeds) + of_seeds * inside, np.bincount(found.seed, first))
    return first - without_seeds(shift[found.seed])
