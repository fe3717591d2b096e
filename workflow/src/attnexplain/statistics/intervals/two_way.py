"""Confidence interval of a mean over examples crossed with seeds: both are samples, and both widen the interval.

Model: value = mean + seed + example + residual, all three random with variances to estimate, at most one value per
seed and example (Searle, Casella & McCulloch 1992, Variance Components, chapters 4 and 5). The sums of squares are
those of fitting constants (Henderson's method III): the reduction due to seeds after examples R(s | e), that due to
examples after seeds R(e | s), and the residual. With M values of N examples under S seeds (a connected design),

    E R(s | e) = var_s (M - N) + (S - 1) var_r        E R(e | s) = var_e (M - S) + (N - 1) var_r
    E R(residual) = (M - S - N + 1) var_r

and, with n_s values of a seed and n_e of an example, the variance of the mean of all values is

    V = var_s sum n_s^2 / M^2 + var_e sum n_e^2 / M^2 + var_r / M.

Components are truncated at 0. V is then a linear combination of mean squares, whose degrees of freedom are
Satterthwaite's; the interval is mean +- t sqrt(V). On balanced data (M = S N) that is, exactly,

    V = (MS_seed + MS_example - MS_residual) / (S N),   V = MS_example / (S N) with df N - 1 if MS_seed <= MS_residual,
    V = MS_seed / (S N) with df S - 1 if MS_example <= MS_residual,
    V = MS_residual / (S N) with df (S - 1)(N - 1) if both.

No interval (NaN, kind None) where variances cannot be told apart: several seeds without a residual degree of
freedom (such as no two examples under the same two seeds). Values that are all equal have an interval of width 0.

With normal effects a 95 % interval of three seeds covers between 92 and 97 % whatever the share of the seeds, of two
seeds between 87 and 97 %; `docs/statistics.md` has the simulation.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.intervals.base import NONE, Crossed, Interval, Parts, crossed, over_examples, symmetric

FACTS = {
    "name": "two-way",
    "title": "two-way random effects over seeds and examples, Satterthwaite's degrees of freedom",
    "citation": "Searle, Casella & McCulloch (1992)",
    "options": {},
}
KIND = "two-way"


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of seeds, examples and residual (in this order), their degrees of freedom, and the design.

    `traces`: coefficient of the own variance component in the expected sum of squares of seeds and examples;
    `weights`: coefficient of that component in the variance of the mean; `n_values`: M.
    """

    squares: Floats
    df: Floats
    traces: Floats
    weights: Floats
    n_values: int


def interval(
    values: Floats, seed: npt.NDArray, example: npt.NDArray, confidence: float, *, centre: float | None = None
) -> Interval:
    """Interval of the mean of `values` (M,) observed under `seed` (M,) and `example` (M,), any labels."""
    found = crossed(values, seed, example)
    if not found.enough:
        return NONE
    if found.n_seeds == 1:
        return over_examples(found, confidence, centre)
    mean_squares = two_way(found)
    if mean_squares.df.min() < 1:
        return NONE
    return symmetric(found, *variance_of_mean(mean_squares), KIND, confidence, centre, parts_of(mean_squares))


def two_way(found: Crossed) -> MeanSquares:
    """Mean squares by fitting constants."""
    seed, example, centred = found.seed, found.example, found.centred
    seed_means = np.bincount(seed, centred) / found.present.sum(axis=0)
    example_means = np.bincount(example, centred) / found.present.sum(axis=1)
    right = np.bincount(seed, centred - example_means[example])
    of_seeds = float(right @ np.linalg.lstsq(found.seeds_after_examples, right, rcond=1e-12)[0])
    residual = max(0.0, float(((centred - example_means[example]) ** 2).sum()) - of_seeds)
    of_examples = max(0.0, float(((centred - seed_means[seed]) ** 2).sum()) - residual)
    squares = np.array([of_seeds, of_examples, residual]) / np.maximum(found.df, 1)
    total = len(centred)
    traces = np.array([total - found.n_examples, total - found.n_seeds], np.float64)
    return MeanSquares(squares, found.df, traces, found.weights[:2], total)


def variance_of_mean(found: MeanSquares) -> tuple[float, float]:
    """(V, Satterthwaite's degrees of freedom); components at or below 0 are left out."""
    kept = found.squares[:2] > found.squares[2]
    coefficients = np.zeros(3)
    coefficients[:2] = kept * found.weights * found.df[:2] / found.traces
    coefficients[2] = 1 / found.n_values - coefficients[:2].sum()
    terms = coefficients * found.squares
    variance = float(terms.sum())
    spread = float((terms**2 / found.df).sum())
    return variance, variance**2 / spread if spread > 0 else float("inf")


def parts_of(found: MeanSquares) -> Parts:
    """The variance of the mean split into the seeds' mean square, kept however small, and the rest, at least 0."""
    coefficients = found.weights * found.df[:2] / found.traces
    of_seeds, of_examples = coefficients * found.squares[:2]
    rest = of_examples + (1 / found.n_values - coefficients.sum()) * found.squares[2]
    return Parts(float(of_seeds), float(found.df[0]), max(0.0, float(rest)))
