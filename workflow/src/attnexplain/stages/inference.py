"""What the stages that look at a trained run share: opening it, and going through its test split shard by shard."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from attnexplain.data.batching import Batch, TokenisedSplit, bucketed, load_split
from attnexplain.errors import ResultError
from attnexplain.models.classifier import Classifier, load_classifier
from attnexplain.models.device import make_deterministic, resolve
from attnexplain.models.memory import Budget
from attnexplain.stages.classes import with_classes

BatchTable = Callable[[Batch], pa.Table]


@dataclass(frozen=True)
class OpenRun:
    """A trained model in eval mode and its test split, on one device; `inputs` is a digest of both and the batching.

    `budget` starts at `tokens_per_batch`, which batches are made by, and falls where memory runs out.
    """

    classifier: Classifier
    split: TokenisedSplit
    device: torch.device
    tokens_per_batch: int
    inputs: str
    budget: Budget

    def __len__(self) -> int:
        return len(self.split)

    def table(self, positions: range, compute: BatchTable) -> pa.Table:
        """Rows of `compute` for the examples at `positions`, in that order; `compute` gives a row per example."""
        tables, indices = [], []
        for batch in self._batches(positions):
            tables += self.budget.spend(batch, lambda pieces: [compute(piece) for piece in pieces])
            indices.append(batch.index.cpu().numpy())
        return pa.concat_tables(tables).take(np.concatenate(indices).argsort())

    def ids(self, batch: Batch) -> list[str]:
        """Example ids of a batch, in its order."""
        return [self.split.example_ids[index] for index in batch.index.tolist()]

    def _batches(self, positions: range) -> Iterator[Batch]:
        for batch in bucketed(self.split, np.asarray(positions), self.tokens_per_batch):
            yield batch.to(self.device)


def open_run(
    spec: Mapping[str, Any],
    model: Path,
    tokens: Path,
    device: str,
    tokens_per_batch: int,
    bases: Mapping[str, Path] | None = None,
) -> OpenRun:
    """Load the model of a run, those that it stands on (`bases`, by run id), and the tokenised test split."""
    test = tokens / "test.parquet"
    spec = with_classes(spec, tokens)
    split = load_split(test, len(spec["dataset"]["classes"]))
    if not len(split):
        raise ResultError(f"{test}: the test split is empty; nothing can be explained")
    resolved = resolve(device)
    make_deterministic(resolved)
    vocabulary = json.loads((tokens / "vocabulary.json").read_text(encoding="utf-8"))
    classifier = load_classifier(model, spec, len(vocabulary), resolved, bases)
    inputs = _digest([model, test, *sorted((bases or {}).values())], f"{resolved.type} {tokens_per_batch}")
    return OpenRun(classifier, split, resolved, tokens_per_batch, inputs, Budget(tokens_per_batch))


def _digest(files: Sequence[Path], settings: str) -> str:
    """16 hex digits of the files' contents and the settings."""
    digest = hashlib.sha256(settings.encode())
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
