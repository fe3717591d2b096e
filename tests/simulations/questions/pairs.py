"""How often the interval of measures between seeds covers, and what pairs taken as independent would give."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import permutations

import numpy as np

from attnexplain.statistics.intervals import two_way
from attnexplain.statistics.intervals.base import Interval
from attnexplain.statistics.jackknife import pair_interval
from simulations.cell import BY_CHANCE, CONFIDENCE, Cell, Floats, Question
from simulations.draw import present

NAME = "pairs of seeds"
COVERAGE = "coverage"
# Of each seed, of each example, of each seed x example: variances of the additive values, or of the places.
SPREADS = {"examples": (0.002, 0.8, 0.198), "even": (0.05, 0.45, 0.5), "seeds": (0.5, 0.2, 0.3)}


def additive(rng: np.random.Generator, variance: str, n_seeds: int, n_examples: int) -> tuple[Floats, float]:
    """Values (S, S, N) that are sums of normal parts of both seeds, the example and the rest; their mean."""
    of_seed, of_example, rest = np.sqrt(SPREADS[variance])
    seed, example = of_seed * rng.standard_normal(n_seeds), of_example * rng.standard_normal(n_examples)
    noise = rest * rng.standard_normal((n_seeds, n_seeds, n_examples))
    return 0.3 + (seed[:, None, None] + seed[None, :, None]) / np.sqrt(2) + example + noise, 0.3


def distance(
    rng: np.random.Generator, variance: str, n_seeds: int, n_examples: int, dimensions: int
) -> tuple[Floats, float]:
    """Half the mean squared distance between the places of two seeds, times the example's own scale; its mean.

    A seed has a place, and another added for each example: E |x - y|^2 / 2 is the variance per dimension. The example's
    scale is exponential with mean 1: distances are skewed over seeds as over examples, most so in one dimension.
    """
    of_seed, of_example, rest = SPREADS[variance]
    place = np.sqrt(of_seed) * rng.standard_normal((n_seeds, 1, dimensions))
    place = place + np.sqrt(rest) * rng.standard_normal((n_seeds, n_examples, dimensions))
    squares = ((place[:, None] - place[None]) ** 2).mean(axis=-1) / 2
    scale = 1 + np.sqrt(of_example) * (rng.exponential(size=n_examples) - 1)
    return squares * scale, of_seed + rest


VALUES = {"normal": additive, "distance": partial(distance, dimensions=6), "line": partial(distance, dimensions=1)}


def jackknife(values: Floats, counted: np.ndarray) -> Interval:
    """The only kind of the package."""
    return pair_interval(values, counted, CONFIDENCE)


def independent(values: Floats, counted: np.ndarray) -> Interval:
    """What not to do: each ordered pair taken as one more seed."""
    pairs = list(permutations(range(len(values)), 2))
    table = np.stack([np.where(counted[a], values[a, b], np.nan) for a, b in pairs])
    seed, example = (~np.isnan(table)).nonzero()
    return two_way.interval(table[seed, example], seed, example, CONFIDENCE)


KINDS: dict[str, Callable[[Floats, np.ndarray], Interval]] = {
    "jackknife-seeds": jackknife,
    "pairs taken as independent": independent,
}


def cells() -> Iterator[Cell]:
    """Both kinds over the whole grid; two seeds have no jackknife and say `examples-only`."""
    for kind in KINDS:
        for variance in SPREADS:
            for values in VALUES:
                for design in ("complete", "class-wise"):
                    for n_seeds in (2, 3, 5, 10):
                        yield Cell(NAME, kind, values, variance, design, n_seeds, 50, share=0.5)


def simulate(cell: Cell, replicates: int) -> Mapping[str, Floats]:
    """Whether the interval covers the mean of the population."""
    rng, covers = cell.generator(), np.full(replicates, np.nan)
    for place in range(replicates):
        values, truth = VALUES[cell.values](rng, cell.variance, cell.n_seeds, cell.n_examples)
        found = KINDS[cell.kind](values, present(rng, cell.design, cell.n_seeds, cell.n_examples))
        if found.kind is not None:
            covers[place] = found.low <= truth <= found.high
    return {COVERAGE: covers}


ABOUT = """Measures between runs have a value per ordered pair of seeds and example. The pairs share their seeds, so
that a seed is left out at a time with every pair it is in (`jackknife-seeds`, from three seeds on; with two, the
interval is of the examples alone). `normal` values are sums of both seeds' parts, the example's and the rest's, of
variances as above; `distance` is the mean squared distance between places of the seeds in six dimensions, `line` in
one: as skewed as distances can be. `Pairs taken as independent` counts each pair as one more seed, and is no kind of
ours. With few seeds the jackknife is too wide where examples are most of the variance, since its degrees of freedom
are those of the seeds."""

QUESTION = Question(
    NAME,
    cells,
    simulate,
    {COVERAGE: BY_CHANCE},
    ABOUT,
    by=("kind", "values", "variance"),
    shown=(COVERAGE,),
)
