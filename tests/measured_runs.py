"""Runs whose files are invented: tokens, attributions, an experiment, predictions and metrics, without any model."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from attnexplain.classification import METRICS
from attnexplain.registry import facts
from attnexplain.stages import measure
from attnexplain.tables import attributions, experiments, predictions, tokens
from attnexplain.tables.io import write_table

METHODS = ("attention", "gradient", "leave-one-out")
METRIC_NAMES = ("attention-entropy", "evidence-auprc", "kendall-tau")
SETTINGS: dict[str, Any] = {
    "study": "demo",
    "confidence": 0.95,
    "interval": "two-way",
    "bootstrap": 200,
    "margins": {},
    "family": None,
    "between": [],
    "methods": list(METHODS),
}
PROVENANCE = {"code": "0" * 10}


def metric(name: str, **options: Any) -> dict[str, Any]:
    """A metric as a stage receives it, its options complete."""
    defaults = {key: option["default"] for key, option in facts("metric", name)["options"].items()}
    return {"name": name, "id": name if not options else f"{name}-abc123", "options": {**defaults, **options}}


def plugins() -> list[dict[str, Any]]:
    """The metrics of the invented study."""
    return [metric(name) for name in METRIC_NAMES]


def spec(seed: int, dataset: str = "sst", control: str = "none", encoder: str = "bilstm") -> dict[str, Any]:
    """What the stages of measures and statistics read of a run's specification."""
    slug = {"dataset": dataset, "limits": "none", "encoder": encoder, "attention": "additive"}
    slug |= {"normaliser": "softmax", "regulariser": "none", "control": control}
    return {
        "run": f"{dataset}.{encoder}.additive.none.s{seed}{control}",
        "slug": slug,
        "seed": seed,
        "dataset": {"name": dataset, "classes": ["negative", "positive"], "limits": {}},
        "tokeniser": {"name": "word", "options": {"min_frequency": 1, "min_length": None, "max_length": None}},
        "vectors": None,
        "training": {"embedding_size": 300, "embedding_init_std": 0.25},
    }


def write_tokens(path: Path, n: int = 40, *, evidence: bool = True) -> list[int]:
    """A tokens table of `n` examples of 1 to 12 tokens; returns their lengths."""
    rng = np.random.default_rng(0)
    lengths = [1, *rng.integers(2, 13, n - 1).tolist()]
    lists = {name: [list(range(k)) for k in lengths] for name in ("token_ids", "start", "end")}
    marks = [(rng.random(k) < 0.4).astype(np.float32) if evidence else None for k in lengths]
    columns = {
        "example_id": [f"test-{i}" for i in range(n)],
        "label": rng.integers(0, 2, n),
        "tokens": [["w"] * k for k in lengths],
        "segment": [[0] * k for k in lengths],
        "evidence": pa.array(marks, pa.list_(pa.float32())),
        **lists,
    }
    write_table(path, pa.table(columns), tokens.SCHEMA, PROVENANCE)
    return lengths


def write_attribution(path: Path, lengths: list[int], seed: int, order: list[int] | None = None) -> None:
    """Positive scores that sum to 1, some tied; rows in `order`."""
    rng = np.random.default_rng(seed)
    scores = [(weights := rng.integers(1, 9, k)) / weights.sum() for k in lengths]
    lists = {name: [[0] * k for k in lengths] for name in ("segment", "start", "end")}
    columns = {
        "example_id": [f"test-{i}" for i in range(len(lengths))],
        "target": [0] * len(lengths),
        "probability": [[0.6, 0.4]] * len(lengths),
        "tokens": [["w"] * k for k in lengths],
        "scores": [row.astype(np.float32) for row in scores],
        **lists,
    }
    write_table(path, pa.table(columns).take(order or list(range(len(lengths)))), attributions.SCHEMA, PROVENANCE)


def write_experiment(path: Path, columns: dict[str, Any]) -> None:
    """An experiment's table; `example_id` and its own columns."""
    table = pa.table({"prediction": [0] * len(columns["example_id"]), **columns})
    write_table(path, table, experiments.SCHEMA, PROVENANCE)


def write_run(folder: Path, about: dict[str, Any], n: int = 40, also: Sequence[str] = ()) -> Path:
    """A whole run under `folder`/runs and its measures under `folder`/measures; returns the path of the latter.

    Beside `permutation` it has the experiments `also`, whose tables are there already.
    """
    seed, run = about["seed"], folder / "runs" / about["run"]
    test_tokens = folder / "tokens" / "test.parquet"
    lengths = write_tokens(test_tokens, n)
    rng = np.random.default_rng(100 + seed)
    files = [run / "attributions" / f"{method}.parquet" for method in METHODS]
    for place, path in enumerate(files):
        write_attribution(path, lengths, 10 * seed + place)
    ids = [f"test-{i}" for i in range(n)]
    experiment = run / "experiments" / "permutation.parquet"
    largest = np.random.default_rng(200 + seed).random(n)
    write_experiment(experiment, {"example_id": ids, "tvd_median": rng.random(n), "max_attention": largest})
    write_predictions(run, about, n)
    output = folder / "measures" / f"{about['run']}.parquet"
    measure.run(
        metrics=plugins(),
        tokens=test_tokens,
        attributions=files,
        experiments=[experiment, *(experiment.with_stem(name) for name in also)],
        output=output,
        provenance=PROVENANCE,
    )
    return output


def write_predictions(run: Path, about: dict[str, Any], n: int, labels: list[int] | None = None) -> None:
    """spec.json, predictions.parquet (dev and test) and metrics.json of a run that is right four times in five."""
    rng = np.random.default_rng(about["seed"])
    label = np.array(labels) if labels else np.random.default_rng(0).integers(0, 2, n)
    positive = np.clip(np.where(rng.random(n) < 0.8, label, 1 - label) * 0.6 + 0.4 * rng.random(n), 0.01, 0.99)
    probability = np.stack([1 - positive, positive], axis=1).astype(np.float32)
    columns = {
        "example_id": [f"{split}-{i}" for split in ("dev", "test") for i in range(n)],
        "split": ["dev"] * n + ["test"] * n,
        "label": np.tile(label, 2),
        "target": np.tile(probability.argmax(axis=1), 2),
        "probability": list(np.concatenate([probability[::-1], probability])),
    }
    write_table(run / "predictions.parquet", pa.table(columns), predictions.SCHEMA, PROVENANCE)
    (run / "spec.json").write_text(json.dumps(about), encoding="utf-8")
    found = {f"test_{name.replace('-', '_')}": value(label, probability) for name, value in METRICS.items()}
    found |= {"n_train": 100, "n_test": n, "vocabulary_size": 50, "n_parameters": 1234, "epochs": 8, "best_epoch": 3}
    (run / "metrics.json").write_text(json.dumps(found), encoding="utf-8")
