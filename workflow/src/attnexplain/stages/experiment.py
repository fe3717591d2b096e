"""Stage: one experiment on one run, over its test split; after train, where it is fitted, or the run's attributions."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch

from attnexplain.data.batching import Batch, TokenisedSplit, load_split, with_evidence
from attnexplain.experiments.fitted import COLUMNS
from attnexplain.privacy import OPEN, guarded
from attnexplain.registry import facts, load
from attnexplain.sharding import write_sharded
from attnexplain.stages.inference import open_run
from attnexplain.stages.read_scores import by_method, read_scores
from attnexplain.tables import experiments
from attnexplain.tables.io import conform


def run(
    *,
    spec: Mapping[str, Any],
    experiment: Mapping[str, Any],
    model: Path,
    tokens: Path,
    output: Path,
    scratch: Path,
    device: str,
    tokens_per_batch: int,
    shard: int,
    provenance: Mapping[str, Any],
    bases: Mapping[str, Path] | None = None,
    attributions: Sequence[Path] = (),
) -> None:
    """Run the experiment on every test example and write the table `experiments`; resumes from its last shard.

    `attributions` are the tables that it reads, if any; the stem of a path is the method's id.
    """
    with guarded(spec.get("access", OPEN), output.parent.parent, output.parent, scratch):
        _run(
            spec,
            experiment,
            model,
            tokens,
            output,
            scratch,
            device,
            tokens_per_batch,
            shard,
            provenance,
            bases,
            attributions,
        )


def _run(
    spec: Mapping[str, Any],
    experiment: Mapping[str, Any],
    model: Path,
    tokens: Path,
    output: Path,
    scratch: Path,
    device: str,
    tokens_per_batch: int,
    shard: int,
    provenance: Mapping[str, Any],
    bases: Mapping[str, Path] | None,
    attributions: Sequence[Path],
) -> None:
    opened = open_run(spec, model, tokens, device, tokens_per_batch, bases)
    intervention = load("experiment", experiment["name"])(opened.classifier, seed=spec["seed"], **experiment["options"])

    about, inputs = facts("experiment", experiment["name"]), opened.inputs
    needs, reads = about["needs"], about.get("reads") == "attributions"
    if "vocabulary" in needs:
        intervention.know(json.loads((tokens / "vocabulary.json").read_text(encoding="utf-8")))
    if "train" in needs:
        train = tokens / "train.parquet"
        intervention.fit(load_split(train, opened.split.n_classes, COLUMNS), opened.split, opened.budget)
        inputs = _with(inputs, train)
    if reads:
        intervention.read(read_scores(attributions, opened.split), opened.budget)
        for path in attributions:
            inputs = _with(inputs, path)

    def measure(batch: Batch) -> pa.Table:
        ids = opened.ids(batch)
        batch = with_evidence(batch, opened.split) if "evidence" in needs else batch
        batch = _with_labels(batch, opened.split) if "labels" in needs else batch
        found = intervention.run(batch, ids)
        if reads:
            found = {**found, **{name: list(found[name]) for name in about["columns"]}}
        # Typed batch by batch: one in which no attention is found has null weights throughout.
        return conform(pa.table({"example_id": ids, **found}), experiments.SCHEMA)

    def compute(positions: range) -> pa.Table:
        rows = opened.table(positions, measure)
        return by_method(rows, intervention.methods, list(about["columns"])) if reads else rows

    write_sharded(
        output,
        experiments.SCHEMA,
        provenance,
        compute,
        count=len(opened),
        size=shard,
        scratch=scratch,
        inputs=inputs,
    )


def _with_labels(batch: Batch, split: TokenisedSplit) -> Batch:
    """The batch with the labels that there are: an example without one does not take them from the others."""
    labels = torch.from_numpy(split.labels[batch.index.cpu().numpy()])
    return replace(batch, label=labels.to(batch.index.device))


def _with(inputs: str, file: Path) -> str:
    """16 hex digits of other inputs and a file's contents."""
    with file.open("rb") as opened:
        contents = hashlib.file_digest(opened, "sha256").hexdigest()
    return hashlib.sha256(f"{inputs} {contents}".encode()).hexdigest()[:16]
