"""Stage `train`: one classifier, its predictions on dev and test, and how it came about."""

import json
import logging
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import save

from attnexplain.data.batching import load_split
from attnexplain.data.originals import verify
from attnexplain.data.vectors import read_vectors
from attnexplain.models.classifier import Classifier, build_classifier, load_base
from attnexplain.models.device import make_deterministic, resolve
from attnexplain.models.memory import Budget
from attnexplain.models.prediction import predict_logits
from attnexplain.objectives.base import Regulariser
from attnexplain.objectives.selection import Progress
from attnexplain.privacy import OPEN, guarded
from attnexplain.registry import facts
from attnexplain.stages.classes import with_classes
from attnexplain.stages.folder import filled, write_json
from attnexplain.stages.splits import Splits, check_splits
from attnexplain.stages.train_results import history_table, metrics, performance, predictions_table
from attnexplain.tables import history, predictions
from attnexplain.tables.io import write_table
from attnexplain.training import Trainer, shuffled_labels

LOGGER = logging.getLogger(__name__)

# What training reads of a text, of a pair too: the words themselves and their places would take most of the memory.
COLUMNS = ("example_id", "label", "token_ids", "segment", "candidates")


def run(
    *,
    spec: Mapping[str, Any],
    tokens: Path,
    output: Path,
    scratch: Path,
    device: str,
    tokens_per_batch: int,
    vectors: Path | None,
    provenance: Mapping[str, Any],
    bases: Mapping[str, Path] | None = None,
) -> None:
    """Write spec.json, model.safetensors, history.parquet, metrics.json, performance.json and predictions.parquet.

    `tokens` is the folder of the stage `tokenise`, `vectors` the file whose digest the spec names, or None; `bases` are
    the models of the runs that this one stands on, by run id. The state after each epoch lies in `scratch`, which is
    removed at the end. Under the control `shuffled-labels` the labels of dev in predictions.parquet are the permuted
    ones, those that the checkpoint was chosen by. Where the data set leaves its classes open, spec.json has those found
    in train.
    """
    with guarded(spec.get("access", OPEN), output, scratch):
        _run(spec, tokens, output, scratch, device, tokens_per_batch, vectors, provenance, bases or {})


def _run(
    spec: Mapping[str, Any],
    tokens: Path,
    output: Path,
    scratch: Path,
    device: str,
    tokens_per_batch: int,
    vectors: Path | None,
    provenance: Mapping[str, Any],
    bases: Mapping[str, Path],
) -> None:
    started = time.perf_counter()
    place = resolve(device)
    make_deterministic(place)
    spec = with_classes(spec, tokens)
    splits = load_splits(tokens, spec)
    vocabulary = json.loads((tokens / "vocabulary.json").read_text(encoding="utf-8"))
    base = load_base(spec, len(vocabulary), place, bases) if spec["base"] else None
    model = build_classifier(spec, len(vocabulary), _vectors(spec, vocabulary, vectors), base).to(place)
    budget = Budget(tokens_per_batch)
    trainer = Trainer(
        model,
        splits.train,
        splits.dev,
        spec,
        device=place,
        budget=budget,
        state=scratch / "state.pt",
        regularisers=regularisers(model, spec, vocabulary),
    )
    progress = Progress() if spec["control"] == "untrained" else trainer.run()
    probability = {
        name: model.probabilities(predict_logits(model, split, budget, place)).numpy()
        for name, split in (("dev", splits.dev), ("test", splits.test))
    }
    with filled(output) as folder:
        write_json(folder / "spec.json", spec)
        (folder / "model.safetensors").write_bytes(_serialised(model, provenance))
        write_table(folder / "history.parquet", history_table(progress), history.SCHEMA, provenance)
        table = predictions_table(splits, probability)
        write_table(folder / "predictions.parquet", table, predictions.SCHEMA, provenance)
        write_json(folder / "metrics.json", metrics(splits, probability, progress, model, spec["dataset"]))
        write_json(folder / "performance.json", performance(time.perf_counter() - started, trainer, place))
    shutil.rmtree(scratch, ignore_errors=True)


def regularisers(model: Classifier, spec: Mapping[str, Any], vocabulary: Mapping[str, int]) -> dict[str, Regulariser]:
    """Those of a model, told its vocabulary, by the ids that name them in its history."""
    found: dict[str, Any] = {plugin["id"]: model.regularisers[plugin["name"]] for plugin in spec["regulariser"]}
    for regulariser in found.values():
        regulariser.know(vocabulary)
    return found


def load_splits(tokens: Path, spec: Mapping[str, Any]) -> Splits:
    """Read the splits, refuse what no classifier can be trained on, and apply the control `shuffled-labels`."""
    n_classes, columns = len(spec["dataset"]["classes"]), [*COLUMNS, *_read_by_regularisers(spec)]
    splits = Splits(*(load_split(tokens / f"{name}.parquet", n_classes, columns) for name in ("train", "dev", "test")))
    check_splits(splits, spec["dataset"], tokens)
    if spec["control"] != "shuffled-labels":
        return splits
    train, dev = (shuffled_labels(getattr(splits, name), spec["seed"], name) for name in ("train", "dev"))
    return Splits(train, dev, splits.test)


def _read_by_regularisers(spec: Mapping[str, Any]) -> set[str]:
    """Further columns of the tokens."""
    return {name for one in spec["regulariser"] for name in facts("regulariser", one["name"]).get("reads", ())}


def _vectors(
    spec: Mapping[str, Any], vocabulary: Mapping[str, int], path: Path | None
) -> tuple[np.ndarray, np.ndarray] | None:
    if spec["vectors"] is None or path is None:
        return None
    verify(path, spec["vectors"]["sha256"])
    matrix, found = read_vectors(path, vocabulary)
    LOGGER.info("%s: vectors for %d of %d words", path.name, found.sum(), len(vocabulary))
    return matrix, found


def _serialised(model: Classifier, provenance: Mapping[str, Any]) -> bytes:
    """The weights as safetensors. One metadata key: the library writes several in no fixed order."""
    weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    return bytes(save(weights, {"attnexplain": json.dumps(provenance, sort_keys=True)}))
