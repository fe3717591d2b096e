"""Stage: one attribution method on the test split of one run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from attnexplain.attribution.base import AttributionMethod
from attnexplain.data.batching import Batch
from attnexplain.privacy import OPEN, guarded
from attnexplain.registry import load
from attnexplain.sharding import write_sharded
from attnexplain.stages.inference import open_run
from attnexplain.tables import attributions

# What a row repeats of the tokenised text, and of the question of a pair, so that the table can be read alone.
TEXT_COLUMNS = ("example_id", "tokens", "segment", "start", "end")
PAIR_COLUMNS = ("pair_tokens", "pair_start", "pair_end")


def run(
    *,
    spec: Mapping[str, Any],
    method: Mapping[str, Any],
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
    """Explain every test example and write the table `attributions`; interrupted, it goes on from its last shard."""
    with guarded(spec.get("access", OPEN), output.parent.parent, output.parent, scratch):
        _run(spec, method, model, tokens, output, scratch, device, tokens_per_batch, shard, provenance, bases)


def _run(
    spec: Mapping[str, Any],
    method: Mapping[str, Any],
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
    explainer = load("method", method["name"])(
        opened.classifier, seed=spec["seed"], tokens_per_batch=tokens_per_batch, **method["options"]
    )
    names = [*TEXT_COLUMNS, *(PAIR_COLUMNS if opened.split.has_pairs else ())]
    texts = opened.split.table.select(names)

    def explain(batch: Batch) -> pa.Table:
        explainer.tokens_per_batch = opened.budget.positions
        return scores_table(explainer, batch)

    def compute(positions: range) -> pa.Table:
        rows = opened.table(positions, explain)
        for name, column in zip(names, texts.slice(positions.start, len(positions)).columns, strict=True):
            rows = rows.append_column(name, column)
        return rows

    write_sharded(
        output,
        attributions.SCHEMA,
        provenance,
        compute,
        count=len(opened),
        size=shard,
        scratch=scratch,
        inputs=opened.inputs,
    )


def scores_table(explainer: AttributionMethod, batch: Batch) -> pa.Table:
    """Rows of one batch: target, probability, scores cut to the real tokens, and the method's quality columns."""
    found = explainer.attribute(batch)
    scores, attended = found.scores.cpu(), batch.attended.cpu()
    quality = {name: value.cpu().numpy() for name, value in found.quality.items()}
    return pa.table(
        {
            "target": found.target.cpu().numpy(),
            "probability": list(found.probability.cpu().numpy()),
            "scores": [row[real].numpy() for row, real in zip(scores, attended, strict=True)],
            **quality,
        }
    )
