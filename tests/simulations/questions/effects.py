"""How often the interval of a standardised effect covers the true effect."""

from collections.abc import Iterator, Mapping

import numpy as np

from attnexplain.statistics.cells import pooled_std
from attnexplain.statistics.effects import standardised
from attnexplain.statistics.intervals import two_way
from simulations.cell import BY_CHANCE, CONFIDENCE, Cell, Floats, Question
from simulations.draw import latent, long

NAME = "effects"
COVERAGE = "coverage"
EFFECTS = (0.2, 0.5, 1.0)


def cells() -> Iterator[Cell]:
    """Effects of three sizes."""
    for variance in ("examples", "even", "seeds"):
        for effect in EFFECTS:
            for n_examples in (50, 200):
                for n_seeds in (2, 3, 5, 10):
                    about = {"parameter": "effect", "level": effect}
                    yield Cell(NAME, "two-way", "normal", variance, "complete", n_seeds, n_examples, **about)


def simulate(cell: Cell, replicates: int) -> Mapping[str, Floats]:
    """Whether the interval covers; a value has variance 1, so that its mean is its effect."""
    rng, effect = cell.generator(), float(cell.level or 0)
    everything, covers = np.ones((cell.n_seeds, cell.n_examples), bool), np.empty(replicates)
    for place in range(replicates):
        z, _ = latent(rng, cell.variance, cell.n_seeds, cell.n_examples)
        values, seed, example = long(effect + z, everything)
        limits = two_way.interval(values, seed, example, CONFIDENCE)
        found = standardised(float(values.mean()), 0.0, pooled_std(values), limits)
        covers[place] = found["effect_low"] <= effect <= found["effect_high"]
    return {COVERAGE: covers}


ABOUT = """The distance of a mean from its null in standard deviations of a value, with the ends of the mean's
interval divided by that same standard deviation. Its own error is left out: the larger the effect (the level), the
more that matters."""

QUESTION = Question(
    NAME, cells, simulate, {COVERAGE: BY_CHANCE}, ABOUT, by=("variance", "level"), shown=(COVERAGE,), default="two-way"
)
