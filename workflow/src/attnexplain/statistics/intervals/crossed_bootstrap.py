"""Confidence interval of a mean by the pigeonhole bootstrap: seeds and examples resampled independently.

Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1; the draws are those of
`statistics/resampling.py`. Of a resample, the mean is that of the values that were drawn, each as often as its seed
times its example. The limits are percentiles of these means; the variance is theirs, and tests use it with the normal
distribution. On balanced data with mean squares MS it is, but for the finite number of resamples,

    V = ((1 - 1/S) MS_seed + (1 - 1/N) MS_example + (1 - 1/S)(1 - 1/N) MS_residual) / (S N),

so that the variance between seeds comes out too small by the factor 1 - 1/S, and the residual, which Owen's theorem
says, about three times too large. Nothing is assumed of the distributions, but seeds must be many: where they are most
of the variance, a 95 % interval covers about half with two seeds, four in five with three, 85 % with five and 90 % with
ten. Where examples are most of it, it covers as it says (`docs/statistics.md`).
"""

import numpy as np
import numpy.typing as npt

from attnexplain.metrics.ragged import Floats
from attnexplain.seeding import generator
from attnexplain.statistics.intervals.base import NONE, Crossed, Interval, crossed, over_examples
from attnexplain.statistics.resampling import crossed_counts

FACTS = {
    "name": "crossed-bootstrap",
    "title": "pigeonhole bootstrap over seeds and examples, percentiles (`bootstrap` resamples)",
    "citation": "Owen (2007)",
    "options": {},
    "resamples": True,
}
KIND = "crossed-bootstrap"
RESAMPLES = 1000


def interval(
    values: Floats,
    seed: npt.NDArray,
    example: npt.NDArray,
    confidence: float,
    *,
    centre: float | None = None,
    resamples: int = RESAMPLES,
    rng: np.random.Generator | None = None,
) -> Interval:
    """Interval of the mean of `values` (M,) observed under `seed` (M,) and `example` (M,), any labels.

    Without `rng` every interval is of the same stream: equal values have equal intervals.
    """
    found = crossed(values, seed, example)
    if not found.enough:
        return NONE
    if found.n_seeds == 1:
        return over_examples(found, confidence, centre)
    drawn = resampled_means(found, resamples, rng or generator(0, "sampling", "bootstrap"))
    if centre is not None:
        drawn += centre - found.values.mean()
    low, high = np.quantile(drawn, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Interval(float(low), float(high), KIND, float(np.var(drawn - drawn[0])), float("inf"))


def resampled_means(found: Crossed, resamples: int, rng: np.random.Generator) -> Floats:
    """Means (R,) of the resamples that draw any value: on unbalanced data one may draw none."""
    table = np.zeros((found.n_examples, found.n_seeds))
    table[found.example, found.seed] = found.centred
    means = []
    for of_seeds, of_examples in crossed_counts(rng, resamples, found.n_seeds, found.n_examples, len(found.values)):
        weights = of_examples.astype(np.float64)
        count = ((weights @ found.present) * of_seeds).sum(axis=1)
        total = ((weights @ table) * of_seeds).sum(axis=1)
        means.append(total[count > 0] / count[count > 0])
    drawn: Floats = found.values[0] + np.concatenate(means)
    return drawn
