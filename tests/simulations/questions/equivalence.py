"""How often two one-sided tests call two models equivalent: at the margin by mistake, and where they are alike."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from attnexplain.statistics.intervals import two_way
from attnexplain.statistics.tests import equivalence_test
from simulations.cell import AT_MOST, CONFIDENCE, Cell, Floats, Question
from simulations.draw import VALUES, long, models

NAME = "equivalence"
AT_MARGIN, ALIKE = "difference as large as the margin", "no difference"
SIZE, POWER = "called equivalent at the margin", "called equivalent without difference"
MARGINS = (0.05, 0.1, 0.2)


def cells() -> Iterator[Cell]:
    """Differences of tau by margin, examples and seeds."""
    variances, sizes = ("examples", "even", "seeds"), ((50, 0.5), (200, 0.5), (1000, 0.2))
    for kind, variance, margin, (n_examples, share) in product((AT_MARGIN, ALIKE), variances, MARGINS, sizes):
        about = {"parameter": "margin", "level": margin, "share": share}
        for values, n_seeds in product(("normal", "tau"), (2, 3, 5, 10)):
            yield Cell(NAME, kind, values, variance, "complete", n_seeds, n_examples, **about)


def simulate(cell: Cell, replicates: int) -> Mapping[str, Floats]:
    """Whether p is at or below .05."""
    rng, known, margin = cell.generator(), VALUES[cell.values], float(cell.level or 0)
    everything, called = np.ones((cell.n_seeds, cell.n_examples), bool), np.empty(replicates)
    for place in range(replicates):
        first, second = known.of(models(rng, cell.variance, cell.n_seeds, cell.n_examples))
        difference = first - second + (margin if cell.kind == AT_MARGIN else 0.0)
        values, seed, example = long(difference, everything)
        limits = two_way.interval(values, seed, example, CONFIDENCE)
        called[place] = equivalence_test(float(values.mean()), margin, limits) <= 1 - CONFIDENCE
    return {SIZE if cell.kind == AT_MARGIN else POWER: called}


ABOUT = """Two one-sided tests at 5 % of the difference of two models on the same examples. The standard deviation of
a value is .30 (`normal`) or .34 (`tau`). Where the true difference is as large as the margin, 5 % at most may be
called equivalent (up to .07 is called right; far fewer are where the study is too small to tell anything). Where
there is no difference, the share that is called so is the power: what a study of so many seeds and examples can show.
A margin that it cannot show at this size will stay `cannot be told`, however alike the models are."""

QUESTION = Question(
    NAME,
    cells,
    simulate,
    {SIZE: AT_MOST},
    ABOUT,
    by=("quantity", "variance", "level", "n_examples"),
    shown=(SIZE, POWER),
)
