"""What predictions lose when the learned attention is replaced at test time, the states fixed."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from attnexplain.data.batching import NO_LABEL, Batch
from attnexplain.experiments.base import Columns
from attnexplain.experiments.fixed import FixedExample, Floats
from attnexplain.experiments.redecoding import predictions

Labels = np.ndarray[Any, np.dtype[np.int64]]


def effects(examples: Sequence[FixedExample], attention: Sequence[Floats], labels: Labels) -> Columns:
    """Columns `accuracy`, `accuracy_change` and `tvd`: means over the rows of attention (D, L) given for each example.

    Both accuracies are of the same float64 decoder, so that the change is 0 where the attention is the learned one.
    `labels` (N,): NO_LABEL leaves accuracies undefined.
    """
    before = predictions(examples, [example.weights[None] for example in examples])
    after = predictions(examples, attention)
    known = labels != NO_LABEL
    right = np.array([(row.argmax(axis=1) == label).mean() for row, label in zip(after, labels, strict=True)])
    was_right = np.array([row.argmax() == label for row, label in zip(before, labels, strict=True)])
    distances = [0.5 * np.abs(a - b).sum(axis=1) for a, b in zip(after, before, strict=True)]
    return {
        "accuracy": np.where(known, right, np.nan),
        "accuracy_change": np.where(known, right - was_right, np.nan),
        "tvd": np.array([moved.mean() for moved in distances]),
    }


def labels_of(batch: Batch) -> Labels:
    """Gold labels (N,) int64 of a batch; NO_LABEL where there is none."""
    if batch.label is None:
        return np.full(len(batch.index), NO_LABEL, np.int64)
    return np.asarray(batch.label.cpu().numpy())
