"""Stage: one experiment on one run, over its test split; on train before, where it is fitted."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from attnexplain.data.batching import Batch, load_split, with_evidence
from attnexplain.experiments.fitted import COLUMNS
from attnexplain.privacy import OPEN, guarded
from attnexplain.registry import facts, load
from attnexplain.sharding import write_sharded
from attnexplain.stages.inference import open_run
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
) -> None:
    """Run the experiment on every test example and write the table `experiments`; resumes from its last shard."""
    with guarded(spec.get("access", OPEN), output.parent.parent, output.parent, scratch):
        _run(spec, experiment, model, tokens, output, scratch, device, tokens_per_batch, shard, provenance, bases)


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
) -> None:
    opened = open_run(spec, model, tokens, device, tokens_per_batch, bases)
    intervention = load("experiment", experiment["name"])(opened.classifier, seed=spec["seed"], **experiment["options"])

    needs, inputs = facts("experiment", experiment["name"])["needs"], opened.inputs
    if "train" in needs:
        train = tokens / "train.parquet"
        intervention.fit(load_split(train, opened.split.n_classes, COLUMNS), opened.split, opened.budget)
        inputs = _with(inputs, train)

    def measure(batch: Batch) -> pa.Table:
        ids = opened.ids(batch)
        batch = with_evidence(batch, opened.split) if "evidence" in needs else batch
        # Typed batch by batch: one in which no attention is found has null weights throughout.
        return conform(pa.table({"example_id": ids, **intervention.run(batch, ids)}), experiments.SCHEMA)

    def compute(positions: range) -> pa.Table:
        return opened.table(positions, measure)

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


def _with(inputs: str, file: Path) -> str:
    """16 hex digits of other inputs and a file's contents."""
    with file.open("rb") as opened:
        contents = hashlib.file_digest(opened, "sha256").hexdigest()
    return hashlib.sha256(f"{inputs} {contents}".encode()).hexdigest()[:16]
