"""How often a test finds a difference where there is none: a mean against its null, and two models that are alike."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from attnexplain.statistics.intervals import two_way
from attnexplain.statistics.intervals.base import Interval
from attnexplain.statistics.tests import t_test
from simulations.cell import AT_MOST, CONFIDENCE, Cell, Floats, Question
from simulations.draw import VALUES, latent, long, models, present

NAME = "false positives"
MEAN, MODELS = "mean against its null", "two models alike"
REJECTS = "rejects"


def cells() -> Iterator[Cell]:
    """Both tests; with one seed they are of the examples alone."""
    for kind, values, variance in product((MEAN, MODELS), VALUES, ("examples", "even", "seeds")):
        for design, n_seeds in product(("complete", "class-wise"), (1, 2, 3, 5, 10)):
            yield Cell(NAME, kind, values, variance, design, n_seeds, 200, share=0.5)


def simulate(cell: Cell, replicates: int) -> Mapping[str, Floats]:
    """Whether p is at or below .05 where the null hypothesis is true."""
    rng, rejects = cell.generator(), np.full(replicates, np.nan)
    for place in range(replicates):
        p_value = _tested(*_drawn(rng, cell))
        if not np.isnan(p_value):
            rejects[place] = p_value <= 1 - CONFIDENCE
    return {REJECTS: rejects}


def _drawn(rng: np.random.Generator, cell: Cell) -> tuple[Floats, np.ndarray]:
    """Distances from what they are in the mean (S, N), and which of them are there."""
    known, sizes = VALUES[cell.values], (cell.n_seeds, cell.n_examples)
    kept = present(rng, cell.design, *sizes)
    if cell.kind == MEAN:
        return known.of(latent(rng, cell.variance, *sizes)[0]) - known.mean, kept
    # Of two models, a value is there where both have one.
    first, second = known.of(models(rng, cell.variance, *sizes))
    return first - second, kept & present(rng, cell.design, *sizes)


def _tested(table: Floats, kept: np.ndarray) -> float:
    values, seed, example = long(table, kept)
    limits: Interval = two_way.interval(values, seed, example, CONFIDENCE)
    return float("nan") if limits.kind is None else t_test(float(values.mean()), limits)


ABOUT = """How often `p_value` is .05 or less where the null hypothesis is true, for 200 examples. `Mean against its
null`: values as above, tested against the mean that they have; up to .07 is called right. `Two models alike`: both
have seeds of their own, and examples that are hard for one are mostly hard for the other; the test is of the
differences on the same examples under seeds of the same number. With one seed the test is of these very models, and
finds them different, as they are: no claim about models of their kind."""

QUESTION = Question(
    NAME,
    cells,
    simulate,
    {REJECTS: AT_MOST},
    ABOUT,
    by=("kind", "variance", "design"),
    shown=(REJECTS,),
)
