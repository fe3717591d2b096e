"""How often the mean of rankings that have nothing to do with each other lies inside the null range of its cell."""

from collections.abc import Iterator, Mapping

import numpy as np

from attnexplain.metrics import evidence_auprc, kendall_tau, precision_at_k
from attnexplain.metrics.ragged import Ragged
from attnexplain.metrics.result import Measured
from attnexplain.statistics.nulls import null_range
from simulations.cell import CONFIDENCE, Cell, Floats, Question

NAME = "null range"
METRICS = ("kendall-tau", "evidence-auprc", "precision-at-k")
INSIDE = "inside the range"
EACH, SAME = "new under each seed", "the same under each seed"
FREE, TIED = "without ties", "with ties"


def cells() -> Iterator[Cell]:
    """Metrics, ties, and whether seeds agree in their meaningless scores."""
    for metric in METRICS:
        for values in (FREE, TIED):
            for variance in (EACH, SAME):
                for n_seeds in (1, 3, 10):
                    if n_seeds > 1 or variance == EACH:
                        yield Cell(NAME, metric, values, variance, "complete", n_seeds, 50, share=0.2)


def simulate(cell: Cell, replicates: int) -> Mapping[str, Floats]:
    """Whether the mean lies in the range of its own null."""
    rng = cell.generator()
    return {INSIDE: np.array([_inside(rng, cell) for _ in range(replicates)], np.float64)}


def _inside(rng: np.random.Generator, cell: Cell) -> float:
    lengths = rng.integers(4, 30, cell.n_examples)
    evidence = [_evidence(rng, length) for length in lengths]
    drawn = [_scores(rng, lengths, cell.values) for _ in range(cell.n_seeds if cell.variance == EACH else 1)]
    found = [_measured(cell.kind, scores, other, evidence) for scores, other in drawn]
    found = found if cell.variance == EACH else found * cell.n_seeds
    value, mean, std = (
        np.concatenate([np.asarray(getattr(one, name)) for one in found]) for name in ("value", "null_mean", "null_std")
    )
    known, example = ~np.isnan(value), np.tile(np.arange(cell.n_examples), cell.n_seeds)
    low, high = null_range(mean[known], std[known], example[known], CONFIDENCE)
    return float(low <= value[known].mean() <= high)


def _evidence(rng: np.random.Generator, length: int) -> Floats:
    """A fifth of the tokens, one at least."""
    marks = np.zeros(length)
    marks[rng.choice(length, max(1, length // 5), replace=False)] = 1.0
    return marks


def _scores(rng: np.random.Generator, lengths: np.ndarray, ties: str) -> tuple[Ragged, Ragged]:
    """Two sets of scores of every text, unrelated; with ties: of a few levels, as sparse attention has."""
    first, second = rng.exponential(size=(2, lengths.sum()))
    if ties == TIED:
        first, second = np.maximum(np.floor(3 * first) - 1, 0), np.floor(4 * second)
    return Ragged.from_lengths(first, lengths), Ragged.from_lengths(second, lengths)


def _measured(metric: str, scores: Ragged, other: Ragged, evidence: list[Floats]) -> Measured:
    if metric == "kendall-tau":
        return kendall_tau.measure(scores, other, sign="absolute")
    marks = Ragged.from_rows(evidence)
    if metric == "evidence-auprc":
        return evidence_auprc.measure(scores, marks, sign="absolute")
    return precision_at_k.measure(scores, marks, k=None, sign="absolute")


ABOUT = """Where the mean of a cell would lie if rankings had nothing to do with each other (`null_low`,
`null_high`). Texts have 4 to 29 tokens; the scores are unrelated to each other and to the evidence, without ties or
of a few levels (`with ties`). Under each seed they are new, or the same: seeds that agree in scores that mean
nothing. The range allows for that, so that it holds nearly every mean where the seeds have nothing in common."""

QUESTION = Question(
    NAME, cells, simulate, {INSIDE: (0.90, 1.0)}, ABOUT, by=("kind", "values", "variance"), shown=(INSIDE,)
)
