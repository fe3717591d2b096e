"""Stage: one experiment on the attention of one run, over its test split."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from attnexplain.data.batching import Batch, with_evidence
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

    needs_evidence = "evidence" in facts("experiment", experiment["name"])["needs"]

    def measure(batch: Batch) -> pa.Table:
        ids = opened.ids(batch)
        batch = with_evidence(batch, opened.split) if needs_evidence else batch
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
        inputs=opened.inputs,
    )
