"""How often each kind of interval covers the mean of the population, over seeds and examples."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import product

import numpy as np

from attnexplain.statistics.intervals import crossed_bootstrap, mixed_model, two_way
from attnexplain.statistics.intervals.base import Interval
from simulations.cell import BY_CHANCE, CONFIDENCE, Cell, Floats, Question
from simulations.draw import SHARES, VALUES, latent, long, present

NAME = "coverage"
DEFAULT, EXAMPLES_ONLY, INDEPENDENT = "two-way", "examples-only", "independent"
SEEDS = (2, 3, 5, 10)
COVERAGE, OF_THE_MODEL = "coverage", "coverage of the one model's mean"
RESAMPLES = 1000  # the default of a study

Kind = Callable[[Floats, np.ndarray, np.ndarray, np.random.Generator], Interval]


def _by(interval: Callable[..., Interval]) -> Kind:
    return lambda values, seed, example, rng: interval(values, seed, example, CONFIDENCE)


def _bootstrap(values: Floats, seed: np.ndarray, example: np.ndarray, rng: np.random.Generator) -> Interval:
    return crossed_bootstrap.interval(values, seed, example, CONFIDENCE, resamples=RESAMPLES, rng=rng)


def _independent(values: Floats, seed: np.ndarray, example: np.ndarray, rng: np.random.Generator) -> Interval:
    """What not to do: every value of every seed as if it were of an example of its own."""
    return two_way.interval(values, np.zeros(len(values)), np.arange(len(values)), CONFIDENCE)


KINDS: dict[str, Kind] = {
    DEFAULT: _by(two_way.interval),
    EXAMPLES_ONLY: _by(two_way.interval),  # what it becomes with one seed
    "mixed-model": _by(mixed_model.interval),
    "crossed-bootstrap": _bootstrap,
    INDEPENDENT: _independent,
}


def cells() -> Iterator[Cell]:
    """The default over the whole grid, the others over less of it."""
    cell, designs = partial(Cell, NAME), ("complete", "class-wise")
    for design, n, variance, values, seeds in product(designs, (50, 200), SHARES, VALUES, SEEDS):
        yield cell(DEFAULT, values, variance, design, seeds, n, share=2)
    for variance, values, seeds in product(SHARES, VALUES, SEEDS):
        yield cell(DEFAULT, values, variance, "complete", seeds, 1000, share=0.5)
    for design, n, variance, values in product(designs, (50, 200), SHARES, VALUES):
        yield cell(EXAMPLES_ONLY, values, variance, design, 1, n)
    # A hundred times slower than the default, and nearly the same.
    for design, variance, values, seeds in product(designs, SHARES, ("normal", "tvd"), SEEDS):
        yield cell("mixed-model", values, variance, design, seeds, 50, share=0.15)
    for design, n, variance, values, seeds in product(designs, (50, 200), SHARES, VALUES, SEEDS):
        yield cell("crossed-bootstrap", values, variance, design, seeds, n, share=0.25)
    for variance, values, seeds in product(SHARES, VALUES, SEEDS):
        yield cell(INDEPENDENT, values, variance, "complete", seeds, 200, share=0.5)


def simulate(cell: Cell, replicates: int) -> Mapping[str, Floats]:
    """Whether the interval covers the population's mean; with one seed, also that of the model at hand."""
    rng, resampling = cell.generator(), np.random.default_rng(0)
    known, one = VALUES[cell.values], cell.n_seeds == 1
    found = {name: np.full(replicates, np.nan) for name in ((COVERAGE, OF_THE_MODEL) if one else (COVERAGE,))}
    for place in range(replicates):
        z, seed = latent(rng, cell.variance, cell.n_seeds, cell.n_examples)
        kept = present(rng, cell.design, cell.n_seeds, cell.n_examples)
        limits = KINDS[cell.kind](*long(known.of(z), kept), resampling)
        if limits.kind is None:
            continue
        found[COVERAGE][place] = limits.low <= known.mean <= limits.high
        if one:
            of_model = float(known.mean_given(seed, 1 - SHARES[cell.variance][0])[0])
            found[OF_THE_MODEL][place] = limits.low <= of_model <= limits.high
    return found


ABOUT = """Values whose mean over seeds and examples is known exactly are drawn again and again, each time an
interval is computed, and it is counted how often the known mean lies inside. `Variance` says whose the variance of a
value is (seed / example / residual): `examples` .002 / .8 / .198, `even` .05 / .45 / .5, `seeds` .5 / .2 / .3,
`neither` 0 / 0 / 1. The values are normal, or like real ones: `tau` in [-1, 1] and skewed, `accuracy` 0 or 1, `tvd`
near 0 with a long tail. `class-wise`: a value is there only where the model predicted the class, which goes by
example (about half of all values are missing, those of some examples under nearly every seed). With one seed the
interval is `examples-only`: right for the mean of that one model (last rows of the kind), not for models of other
seeds. `independent` takes every value of every seed as an example of its own; it is no kind of ours and stands here
to show what that does. The default covers too much where nothing but the residual varies, and too little where models
differ so much that their own means are skewed: of three to ten seeds, 0/1 values with half of the variance between
models."""

QUESTION = Question(
    NAME,
    cells,
    simulate,
    {COVERAGE: BY_CHANCE, OF_THE_MODEL: BY_CHANCE},
    ABOUT,
    by=("kind", "quantity", "variance", "design"),
    shown=(COVERAGE, OF_THE_MODEL),
    default=DEFAULT,
)
