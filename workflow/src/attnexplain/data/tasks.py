"""What a model is asked of an example: the key `task` of a data set.

A classifier reads one text. In the other tasks it reads a pair: the attended text (segment 0: premise, passage,
story) and the text it is asked about (segment 1: hypothesis, question).
"""

from collections.abc import Mapping
from typing import Any

CLASSIFICATION, ENTAILMENT, QUESTION_ANSWERING = "classification", "entailment", "question-answering"


def task_of(dataset: Mapping[str, Any]) -> str:
    """The task of a data set's specification, which leaves the default out."""
    return str(dataset.get("task", CLASSIFICATION))


def reads_pairs(dataset: Mapping[str, Any]) -> bool:
    """Whether the examples of a data set are pairs of texts."""
    return task_of(dataset) != CLASSIFICATION
