"""How far agreement of two methods across seeds, noisy and disattenuated, lies from that of noiseless scores."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.stats import kendalltau

from attnexplain.metrics import kendall_tau
from attnexplain.metrics.ragged import Ragged
from attnexplain.statistics.disattenuation import disattenuate
from simulations.cell import BY_CHANCE, CONFIDENCE, SEED, Cell, Floats, Question

NAME = "disattenuation"
TOKENS = 20
RELIABILITIES = (0.9, 0.7, 0.5, 0.3)
RHO = 0.5  # of the noiseless scores of two methods
OBSERVED, CORRECTED = "error of tau across seeds", "error of tau, disattenuated"
COVERAGE = "coverage of the disattenuated"


@dataclass(frozen=True)
class Scores:
    """How numbers of mean 0 and variance 1 are drawn, and what scores are of them."""

    draw: Callable[[np.random.Generator, tuple[int, ...]], Floats]
    of: Callable[[Floats], Floats] = np.positive


SCORES = {
    "normal": Scores(np.random.Generator.standard_normal),
    "magnitudes": Scores(np.random.Generator.standard_normal, np.abs),
    "heavy tails": Scores(lambda rng, shape: rng.standard_t(4, shape) / np.sqrt(2)),
}


def cells() -> Iterator[Cell]:
    """Kinds of scores, reliabilities and seeds."""
    for values in SCORES:
        for reliability in RELIABILITIES:
            for n_seeds in (2, 3, 5):
                about = {"parameter": "reliability", "level": reliability, "share": 0.15}
                yield Cell(NAME, "Greiner", values, "", "complete", n_seeds, 50, **about)


def simulate(cell: Cell, replicates: int) -> Mapping[str, Floats]:
    """Errors of both estimates against the tau of noiseless scores, and whether the interval covers that."""
    rng, truth = cell.generator(), true_tau(cell.values)
    found: dict[str, list[float]] = {OBSERVED: [], CORRECTED: [], COVERAGE: []}
    for _ in range(replicates):
        cross, first, second = _taus(rng, cell)
        result = disattenuate(cross, first, second, CONFIDENCE)
        covers = np.nan if result.kind is None else float(result.low <= truth <= result.high)
        errors = (float(np.nanmean(cross)) - truth, result.value - truth, covers)
        for name, value in zip(found, errors, strict=True):
            found[name].append(value)
    return {name: np.array(values) for name, values in found.items()}


@cache
def true_tau(values: str) -> float:
    """Mean tau of noiseless scores: Greiner's relation where they are normal, else from 2 million tokens."""
    if values == "normal":
        return float(2 / np.pi * np.arcsin(RHO))
    of = SCORES[values].of
    first, second = map(of, _noiseless(np.random.default_rng(SEED), values, (400, 5000)))
    return float(np.mean([kendalltau(a, b).statistic for a, b in zip(first, second, strict=True)]))


def _noiseless(rng: np.random.Generator, values: str, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    shared, own = SCORES[values].draw(rng, (2, *shape))
    return shared, RHO * shared + np.sqrt(1 - RHO**2) * own


def _taus(rng: np.random.Generator, cell: Cell) -> tuple[Floats, Floats, Floats]:
    """Taus (S, S, N) of both methods, of the first and of the second; NaN on the diagonal.

    Of every number the share `level` of the variance is what all seeds agree in, the rest each seed's own.
    """
    truth, share = _noiseless(rng, cell.values, (cell.n_examples, TOKENS)), float(cell.level or 0.0)
    scores = SCORES[cell.values]
    noise = scores.draw(rng, (2, cell.n_seeds, cell.n_examples, TOKENS))
    pairs = zip(truth, noise, strict=True)
    first, second = (scores.of(np.sqrt(share) * one + np.sqrt(1 - share) * more) for one, more in pairs)
    return _between(first, second), _between(first, first), _between(second, second)


def _between(one: Floats, other: Floats) -> Floats:
    n_seeds, n_examples = one.shape[:2]
    lengths = np.full(n_examples, TOKENS)
    found = np.full((n_seeds, n_seeds, n_examples), np.nan)
    for a in range(n_seeds):
        for b in range(n_seeds):
            if a != b:
                rows = (Ragged.from_lengths(scores.ravel(), lengths) for scores in (one[a], other[b]))
                found[a, b] = kendall_tau.measure(*rows, sign="signed").value
    return found


ABOUT = """Two methods agree in the scores that all seeds share (correlation .5, tau .33); what each seed adds hides
it. The reliability is the share of what all seeds agree in. `Error` is the mean over replicates of the estimate less
the tau of the shared scores, of 50 texts of 20 tokens; of the disattenuated tau its interval's coverage stands below.
`Magnitudes` are absolute values of normal scores (what Kendall's tau compares by default), which no monotone function
makes normal; `heavy tails` are of a t distribution with 4 degrees of freedom. Of magnitudes it corrects too much
where the reliability is low."""

QUESTION = Question(
    NAME,
    cells,
    simulate,
    {CORRECTED: (-0.05, 0.05), COVERAGE: BY_CHANCE},
    ABOUT,
    by=("quantity", "values", "level"),
    shown=(OBSERVED, CORRECTED, COVERAGE),
)
