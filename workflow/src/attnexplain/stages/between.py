"""Stage: measures between the runs of each cell, over the test split of one data set."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from attnexplain.between.base import Columns
from attnexplain.privacy import OPEN
from attnexplain.pseudonyms import KEY, MARK, PSEUDONYMOUS, pseudonymised
from attnexplain.registry import facts, load
from attnexplain.sharding import write_sharded
from attnexplain.stages.cells import cells_of
from attnexplain.stages.inference import OpenRun, open_run
from attnexplain.tables.between import SCHEMA
from attnexplain.tables.io import read_metadata, read_table, write_table

MODEL = "model.safetensors"
METHOD = "attention"  # whatever a measure holds against each other of two models, it is about their attention

Plugin = Mapping[str, Any]
Cell = Mapping[str, OpenRun]  # the runs of one cell by id, ordered by seed: one test split, the same batches


def run(
    *,
    plugins: Sequence[Plugin],
    models: Sequence[Path],
    tokens: Path,
    output: Path,
    scratch: Path,
    device: str,
    tokens_per_batch: int,
    shard: int,
    provenance: Mapping[str, Any],
    bases: Mapping[str, Path] | None = None,
    disclose: bool = False,
    key: Path = KEY,
) -> None:
    """Write the table `between` of the runs whose folders hold `models`; interrupted, it goes on from its last shard.

    Rows are ordered by cell, shard, metric, run and run_b (by seed), example (as in `tokens`). The examples of a
    credentialed data set have pseudonyms by `key`, unless the study may `disclose` them.
    """
    hidden = not disclose and read_metadata(pq.read_schema(tokens / "test.parquet")).get("access", OPEN) != OPEN
    about = {**provenance, MARK: PSEUDONYMOUS} if hidden else provenance
    parts = []
    for name, specs in sorted(cells_of([path.parent for path in models]).items()):
        # One cell at a time: all models of a data set may be more than memory holds.
        cell = {
            spec["run"]: open_run(spec, folder / MODEL, tokens, device, tokens_per_batch, bases)
            for folder, spec in specs.items()
        }
        inputs = _digest([plugins, hidden, *((run_id, opened.inputs) for run_id, opened in cell.items())])
        parts.append(scratch / inputs / f"{name}.parquet")
        if not parts[-1].is_file():
            _write(parts[-1], cell, plugins, about, key if hidden else None, shard, inputs)
    write_table(output, pa.concat_tables([read_table(part, SCHEMA) for part in parts]), SCHEMA, about)
    shutil.rmtree(scratch)


def _write(
    path: Path,
    cell: Cell,
    plugins: Sequence[Plugin],
    about: Mapping[str, Any],
    key: Path | None,
    shard: int,
    inputs: str,
) -> None:
    """The rows of one cell, shard by shard; with pseudonyms from the start where there is a `key`."""

    def compute(positions: range) -> pa.Table:
        rows = pa.concat_tables([part for plugin in plugins for part in _rows(cell, plugin, positions)])
        return rows if key is None else pseudonymised(rows, key)

    count, scratch = len(_first(cell)), path.with_suffix("")
    write_sharded(path, SCHEMA, about, compute, count=count, size=shard, scratch=scratch, inputs=inputs)


def _rows(cell: Cell, plugin: Plugin, positions: range) -> Iterator[pa.Table]:
    """Rows of one plug-in for the examples at `positions`: a table per column and ordered pair of runs."""
    measure = load("between", plugin["name"])([opened.classifier for opened in cell.values()], **plugin["options"])
    first = _first(cell)
    wide = first.table(positions, lambda batch: _wide(measure.run(batch)))
    n = len(positions)
    ids = first.split.table["example_id"].slice(positions.start, n)
    n_tokens = pa.array(first.split.lengths[positions.start : positions.stop], pa.int32())
    for column, described in facts("between", plugin["name"])["columns"].items():
        for (a, run_id), (b, other) in permutations(enumerate(cell), 2):
            value = np.asarray(wide[_name(column, a, b)])
            named = {"run": run_id, "run_b": other, "method": METHOD, "metric": f"{plugin['id']}:{column}"}
            yield pa.table(
                {
                    "example_id": ids,
                    **{name: pa.repeat(pa.scalar(text), n) for name, text in named.items()},
                    "value": pa.array(value, from_pandas=True),
                    "n_tokens": n_tokens,
                    "undefined_reason": pa.array(
                        np.where(np.isnan(value), described.get("undefined", "undefined"), None), pa.string()
                    ),
                }
            )


def _wide(columns: Columns) -> pa.Table:
    """Arrays (S, S, B) as one column (B,) per name and ordered pair of runs."""
    return pa.table(
        {
            _name(name, a, b): values[a, b]
            for name, values in columns.items()
            for a, b in permutations(range(len(values)), 2)
        }
    )


def _name(column: str, a: int, b: int) -> str:
    return f"{column} {a} {b}"


def _first(cell: Cell) -> OpenRun:
    return next(iter(cell.values()))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
