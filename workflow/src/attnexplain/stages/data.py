"""Stage `data`: a dataset spec becomes canonical Parquet, one file per split, and dataset.json."""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa

from attnexplain.data.limits import limited
from attnexplain.data.load import class_names, load
from attnexplain.data.tasks import task_of
from attnexplain.privacy import guarded
from attnexplain.stages.folder import filled, write_json
from attnexplain.tables.dataset import SCHEMA
from attnexplain.tables.io import write_table

_FACTS = ("name", "title", "licence", "citation", "access", "source", "limits", "published")


def run(*, spec: dict[str, Any], output: Path, mirror: Path | None, provenance: dict[str, Any]) -> None:
    """Write train, dev and test and dataset.json into `output`; DataError where the data is not as registered."""
    with guarded(spec["access"], output):
        _run(spec, output, mirror, provenance)


def _run(spec: dict[str, Any], output: Path, mirror: Path | None, provenance: dict[str, Any]) -> None:
    whole = load(spec, mirror=mirror, cache=output.parent / ".downloads")
    kept = {split: limited(table, (spec.get("limits") or {}).get(split), split) for split, table in whole.items()}
    with filled(output) as folder:
        for split, table in kept.items():
            write_table(
                folder / f"{split}.parquet", table, SCHEMA, {**provenance, "dataset": spec["name"], "split": split}
            )
        write_json(folder / "dataset.json", _about(spec, whole, kept) | {"provenance": provenance})


def _about(spec: dict[str, Any], whole: dict[str, pa.Table], kept: dict[str, pa.Table]) -> dict[str, Any]:
    # Of train before its limit: a smaller sample answers among the same classes.
    classes = class_names(spec, whole["train"]["answer"].to_pylist())
    return {
        **{name: spec.get(name) for name in _FACTS},
        "task": task_of(spec),
        "classes": classes,
        "rows_before_limits": {split: table.num_rows for split, table in whole.items()},
        "rows": {split: table.num_rows for split, table in kept.items()},
        "class_counts": {split: class_counts(table["label"].to_pylist(), classes) for split, table in kept.items()},
    }


def class_counts(labels: list[int | None], classes: list[str]) -> list[int]:
    """Examples of each class, in the order of the classes; examples without a label are not counted."""
    counts = Counter(labels)
    return [counts[index] for index in range(len(classes))]
