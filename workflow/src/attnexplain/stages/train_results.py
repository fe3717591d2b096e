"""What the stage `train` reports of a trained classifier: history, predictions, metrics, performance."""

import math
import platform
import resource
import sys
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from attnexplain.classification import METRICS
from attnexplain.data.batching import NO_LABEL
from attnexplain.data.tasks import QUESTION_ANSWERING, task_of
from attnexplain.models.classifier import Classifier
from attnexplain.objectives.selection import Progress
from attnexplain.stages.splits import Splits
from attnexplain.tables import history
from attnexplain.training import Trainer

LIBRARIES = ("torch", "numpy", "pyarrow", "safetensors")


def history_table(progress: Progress) -> pa.Table:
    """Rows of the table `history`, with columns of the regularisers; what is undefined on dev is null."""
    rows = [{**epoch.row(), "selected": epoch.epoch == progress.best_epoch} for epoch in progress.history]
    defined = [{key: None if _is_nan(value) else value for key, value in row.items()} for row in rows]
    terms = [name for row in rows[:1] for name in row if name not in history.SCHEMA.columns.names]
    fields = [*history.SCHEMA.columns, *(pa.field(name, pa.float64()) for name in terms)]
    return pa.Table.from_pylist(defined, pa.schema(fields))


def predictions_table(splits: Splits, probability: Mapping[str, np.ndarray]) -> pa.Table:
    """Rows of the table `predictions`: dev, then test, each in the order of its split."""
    parts = []
    for name, split in (("dev", splits.dev), ("test", splits.test)):
        columns = {
            "example_id": split.example_ids,
            "split": [name] * len(split),
            "label": pa.array(split.labels, pa.int32(), mask=split.labels == NO_LABEL),
            "target": probability[name].argmax(axis=1),
            "probability": list(probability[name]),
        }
        parts.append(pa.table(columns))
    return pa.concat_tables(parts)


def metrics(
    splits: Splits,
    probability: Mapping[str, np.ndarray],
    progress: Progress,
    model: Classifier,
    dataset: Mapping[str, Any],
) -> dict[str, Any]:
    """Counts, and accuracy, F1 and ROC-AUC on dev and test; null where undefined.

    In question-answering an example without a label has an answer that train lacks: whatever is predicted is wrong.
    """
    some = task_of(dataset) == QUESTION_ANSWERING
    found: dict[str, Any] = {}
    for name, split in (("dev", splits.dev), ("test", splits.test)):
        for metric, value in METRICS.items():
            known = split.labels != NO_LABEL
            is_scored = known.any() if some else known.all()
            number = value(split.labels, probability[name]) if is_scored else math.nan
            found[f"{name}_{metric.replace('-', '_')}"] = None if _is_nan(number) else number
    return {
        **found,
        "n_train": len(splits.train),
        "n_dev": len(splits.dev),
        "n_test": len(splits.test),
        "vocabulary_size": model.embedding.num_embeddings,
        "n_parameters": sum(parameter.numel() for parameter in model.parameters()),
        "epochs": len(progress.history),
        "best_epoch": progress.best_epoch,
    }


def performance(seconds: float, trainer: Trainer, device: torch.device) -> dict[str, Any]:
    """What this process took: a training that was resumed counts from its last start."""
    rate = trainer.examples / trainer.seconds if trainer.seconds else None
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return {
        "seconds": seconds,
        "training_seconds": trainer.seconds,
        "examples_per_second": rate,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
        "peak_gpu_memory_bytes": torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or "cpu",
        "versions": {"python": platform.python_version(), **{name: metadata.version(name) for name in LIBRARIES}},
    }


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
