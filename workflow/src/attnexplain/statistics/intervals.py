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

Under one seed only examples vary: V = s^2 / N with df N - 1, and the interval says `examples-only`.

No interval (NaN, kind None) where variances cannot be told apart: fewer than two values, one example only, several
seeds without a residual degree of freedom (such as no two examples under the same two seeds). Values that are all
equal have an interval of width 0.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from attnexplain.metrics.ragged import Floats, Integers

TWO_WAY, EXAMPLES_ONLY = "two-way", "examples-only"


@dataclass(frozen=True)
class Interval:
    """Confidence limits around a mean; `kind` is None where there is no interval."""

    low: float
    high: float
    kind: str | None
    variance: float  # of the mean
    df: float


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
    values: Floats, seed: npt.NDArray, example: npt.NDArray, confidence: float, centre: float | None = None
) -> Interval:
    """Interval of the mean of `values` (M,) observed under `seed` (M,) and `example` (M,), any labels.

    `centre` replaces the mean as the middle of the interval (a metric whose pseudo-values are given).
    """
    seeds, seed_index = np.unique(seed, return_inverse=True)
    examples, example_index = np.unique(example, return_inverse=True)
    if len(values) < 2 or len(examples) < 2:
        return NONE
    if len(seeds) == 1:
        variance, df, kind = float(np.var(values - values[0], ddof=1)) / len(values), len(values) - 1.0, EXAMPLES_ONLY
    else:
        mean_squares = two_way(values, seed_index, example_index)
        if mean_squares.df.min() < 1:
            return NONE
        (variance, df), kind = variance_of_mean(mean_squares), TWO_WAY
    middle = float(values.mean()) if centre is None else centre
    half = float(stdtrit(df, 0.5 + confidence / 2)) * np.sqrt(variance) if variance > 0 else 0.0
    return Interval(middle - half, middle + half, kind, variance, df)


def two_way(values: Floats, seed: Integers, example: Integers) -> MeanSquares:
    """Mean squares by fitting constants; `seed` in 0..S-1 and `example` in 0..N-1 (M,), each pair at most once."""
    n_seeds, n_examples, total = int(seed.max()) + 1, int(example.max()) + 1, len(values)
    present = np.zeros((n_examples, n_seeds))
    np.add.at(present, (example, seed), 1)
    if present.max() > 1:
        raise ValueError("an example has two values under one seed")
    centred = values - values[0]  # sums of equal values are exactly 0
    per_seed, per_example = present.sum(axis=0), present.sum(axis=1)
    seed_means = np.bincount(seed, centred) / per_seed
    example_means = np.bincount(example, centred) / per_example
    # Normal equations of the seeds after the examples are swept out: S x S.
    design = np.diag(per_seed) - present.T @ (present / per_example[:, None])
    right = np.bincount(seed, centred - example_means[example])
    rank = int(np.linalg.matrix_rank(design, tol=1e-9 * total, hermitian=True))
    of_seeds = float(right @ np.linalg.lstsq(design, right, rcond=1e-12)[0])
    residual = max(0.0, float(((centred - example_means[example]) ** 2).sum()) - of_seeds)
    of_examples = max(0.0, float(((centred - seed_means[seed]) ** 2).sum()) - residual)
    # A design in `n_seeds - rank` unconnected parts loses a degree of freedom for each part.
    df = np.array([rank, n_examples - n_seeds + rank, total - n_examples - rank], np.float64)
    squares = np.array([of_seeds, of_examples, residual]) / np.maximum(df, 1)
    traces = np.array([total - n_examples, total - n_seeds], np.float64)
    weights = np.array([(per_seed**2).sum(), (per_example**2).sum()]) / total**2
    return MeanSquares(squares, df, traces, weights, total)


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


NONE = Interval(float("nan"), float("nan"), None, float("nan"), float("nan"))
