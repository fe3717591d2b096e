"""All questions, in the order of the page, and their cells."""

from collections.abc import Sequence

from simulations.cell import Cell, Question, Row, rows_of
from simulations.questions import (
    coverage,
    disattenuation,
    effects,
    equivalence,
    false_positives,
    families,
    null_range,
    pairs,
)

QUESTIONS: dict[str, Question] = {
    question.name: question
    for question in (
        coverage.QUESTION,
        pairs.QUESTION,
        false_positives.QUESTION,
        families.QUESTION,
        equivalence.QUESTION,
        effects.QUESTION,
        null_range.QUESTION,
        disattenuation.QUESTION,
    )
}
Task = tuple[Cell, int]  # and the replicates


def tasks(names: Sequence[str], replicates: int) -> list[Task]:
    """Every cell of the questions asked for."""
    return [(cell, replicates) for name in names for cell in QUESTIONS[name].cells()]


def simulated(task: Task) -> list[Row]:
    """Rows of one cell."""
    cell, replicates = task
    return rows_of(QUESTIONS[cell.question], cell, replicates)
