"""The splits a classifier is trained on, and what makes them unfit for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attnexplain.data.batching import NO_LABEL, TokenisedSplit
from attnexplain.data.tasks import QUESTION_ANSWERING, reads_pairs, task_of
from attnexplain.errors import DataError

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class Splits:
    """The three splits, their labels as the run's control wants them."""

    train: TokenisedSplit
    dev: TokenisedSplit
    test: TokenisedSplit


def check_splits(splits: Splits, dataset: Mapping[str, Any], folder: Path) -> None:
    """Refuse, by a DataError that names the file, what no classifier can be trained on."""
    for name in SPLITS:
        split, path = getattr(splits, name), folder / f"{name}.parquet"
        if not len(split):
            raise DataError(
                f"{path}: the {name} split of {dataset['name']!r} has no examples;"
                " check its `limits` and the lengths the tokeniser keeps"
            )
        _check_segments(split, dataset, path)
        _check_labels(split, dataset, path, may_lack=_may_lack_labels(name, dataset))
        if name != "test":
            _check_candidates(split, dataset, path)
    if len(np.unique(splits.train.labels)) < 2:
        only = dataset["classes"][splits.train.labels[0]]
        raise DataError(
            f"{folder / 'train'}.parquet: all examples are of class {only!r}; check the labels, or raise `limits.train`"
        )
    if (splits.dev.labels == NO_LABEL).all():
        raise DataError(f"{folder / 'dev'}.parquet: train has none of the answers of dev; raise `limits`")


def _may_lack_labels(name: str, dataset: Mapping[str, Any]) -> bool:
    """Test may come without labels, and an answer of dev that train lacks has none."""
    return name == "test" or (name == "dev" and task_of(dataset) == QUESTION_ANSWERING)


def _check_segments(split: TokenisedSplit, dataset: Mapping[str, Any], path: Path) -> None:
    if reads_pairs(dataset) and not split.has_pairs:
        raise DataError(
            f"{path}: the task {task_of(dataset)!r} of {dataset['name']!r} needs a second text (`text_pair`)"
        )
    if split.has_pairs and not reads_pairs(dataset):
        raise DataError(
            f"{path}: the examples of {dataset['name']!r} are pairs of texts;"
            " give it `task: entailment` or `task: question-answering`"
        )


def _check_labels(split: TokenisedSplit, dataset: Mapping[str, Any], path: Path, *, may_lack: bool) -> None:
    n_classes, unlabelled = len(dataset["classes"]), int((split.labels == NO_LABEL).sum())
    if unlabelled and not may_lack:
        found = f"{unlabelled} of {len(split)} examples of {dataset['name']!r}"
        raise DataError(f"{path}: {found} have no label; remove them from the data")
    if split.labels.min() < (NO_LABEL if may_lack else 0) or split.labels.max() >= n_classes:
        found = f"from {split.labels.min()} to {split.labels.max()}"
        raise DataError(f"{path}: labels {found}, but {dataset['name']!r} has {n_classes} classes")


def _check_candidates(split: TokenisedSplit, dataset: Mapping[str, Any], path: Path) -> None:
    """An answer that is no candidate has probability 0, and no finite loss."""
    for example_id, label, found in zip(split.example_ids, split.labels, split.candidates or [], strict=False):
        if found is not None and label != NO_LABEL and label not in found:
            answer = dataset["classes"][label]
            raise DataError(f"{path}: the answer {answer!r} of example {example_id!r} is none of its candidates")
