"""How often a family of tests holds a false finding (Holm), and which share of the findings is false (BH)."""

from collections.abc import Iterator, Mapping

import numpy as np

from attnexplain.statistics.intervals import two_way
from attnexplain.statistics.multiplicity import benjamini_hochberg, holm
from attnexplain.statistics.tests import t_test
from simulations.cell import AT_MOST, CONFIDENCE, Cell, Floats, Question
from simulations.draw import SHARES, alike, long

NAME = "families"
TESTS = 20
ANY_FALSE, SHARE_FALSE = "any false finding (Holm)", "share of false findings (BH)"
UNADJUSTED = "any false finding, unadjusted"
FOUND = "true differences found (Holm)"
EFFECT = 4.0  # standard errors of the mean, of null hypotheses that are false


def cells() -> Iterator[Cell]:
    """All null hypotheses true, or half of them, under the three kinds of variance."""
    for variance in ("examples", "even", "seeds"):
        for n_true in (TESTS, TESTS // 2):
            for n_seeds in (2, 3, 5, 10):
                about = {"parameter": "true null hypotheses", "level": float(n_true), "share": 0.5}
                yield Cell(NAME, "20 tests", "normal", variance, "complete", n_seeds, 200, **about)


def simulate(cell: Cell, replicates: int) -> Mapping[str, Floats]:
    """Per family: any false finding, with and without Holm, the false share of BH's, and the share found by Holm."""
    rng, n_true = cell.generator(), round(cell.level or 0)
    found: dict[str, list[float]] = {ANY_FALSE: [], SHARE_FALSE: [], UNADJUSTED: [], FOUND: []}
    for _ in range(replicates):
        p_values = _p_values(rng, cell, n_true)
        by_holm, by_bh, alone = (
            _rejected(family) for family in (holm(p_values), benjamini_hochberg(p_values), p_values)
        )
        found[ANY_FALSE].append(float(by_holm[:n_true].any()))
        found[SHARE_FALSE].append(by_bh[:n_true].sum() / max(1, by_bh.sum()))
        found[UNADJUSTED].append(float(alone[:n_true].any()))
        found[FOUND].append(float(by_holm[n_true:].mean()) if n_true < TESTS else float("nan"))
    return {name: np.array(values, np.float64) for name, values in found.items()}


def _p_values(rng: np.random.Generator, cell: Cell, n_true: int) -> list[float | None]:
    """Of tests on the same examples and seeds, the first `n_true` with a true null hypothesis."""
    sizes = (TESTS, cell.n_seeds, cell.n_examples)
    tables = alike(rng, cell.variance, *sizes, of_seeds=0.5, of_examples=0.5)
    of_seed, of_example, rest = SHARES[cell.variance]
    n_seeds, n = cell.n_seeds, cell.n_examples
    tables[n_true:] += EFFECT * np.sqrt(of_seed / n_seeds + of_example / n + rest / (n_seeds * n))
    everything = np.ones(sizes[1:], bool)
    return [_p_value(*long(table, everything)) for table in tables]


def _p_value(values: Floats, seed: np.ndarray, example: np.ndarray) -> float:
    return t_test(float(values.mean()), two_way.interval(values, seed, example, CONFIDENCE))


def _rejected(p_values: list[float | None]) -> np.ndarray:
    return np.array([p is not None and p <= 1 - CONFIDENCE for p in p_values])


ABOUT = """Twenty tests of means against their nulls on the same 200 examples and seeds, whose parts correlate by one
half from test to test, as metrics and methods in a study do. Of all 20 null hypotheses or of 10 (the level) the truth
is that they hold; the other means lie four standard errors away. Holm should let a family have any false finding in
at most 5 % of studies, Benjamini and Hochberg should let at most 5 % of the findings be false (up to .07 is called
right). The price is in the last rows: what two or three seeds can show after adjustment is little."""

QUESTION = Question(
    NAME,
    cells,
    simulate,
    {ANY_FALSE: AT_MOST, SHARE_FALSE: AT_MOST},
    ABOUT,
    by=("quantity", "variance", "level"),
    shown=(ANY_FALSE, SHARE_FALSE, UNADJUSTED, FOUND),
)
