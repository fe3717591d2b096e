"""Stage: paired comparisons between the cells of one data set, and between methods within each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from attnexplain.pseudonyms import KEY
from attnexplain.stages.statistics import cells_of, options_of, read_run
from attnexplain.statistics.contrasts import Cell, contrast_rows, pairs_of, read_cell
from attnexplain.statistics.inference import Inference
from attnexplain.tables.comparisons import SCHEMA
from attnexplain.tables.io import write_table
from attnexplain.tables.statistics import CELL

ORDER = (*CELL, "axis", "other", "metric", "method", "method_b")


def run(
    *,
    settings: Mapping[str, Any],
    measures: list[Path],
    runs: Path,
    output: Path,
    provenance: Mapping[str, Any],
    areas: Sequence[Path] = (),
    key: Path = KEY,
) -> None:
    """Write the table `comparisons` of the runs whose measures are given; the stem of a path is the run's id.

    p-values are adjusted, and verdicts found, where the whole study is known: in the stage `tables`.
    """
    options = options_of(settings, "metrics", "experiments")
    cells: list[Cell] = []
    examples: list[str] = []
    for _, paths in sorted(cells_of(measures, runs).items()):
        found = [read_run(path, runs, key, areas) for path in paths]
        examples = examples or found[0].predictions["example_id"].to_pylist()
        cells.append(read_cell(found, examples))
    pairs = pairs_of(cells, settings["compare"], settings.get("reference", {}))
    rows = contrast_rows(pairs, options, Inference.of(settings))
    named = [{"study": settings["study"], **row} for row in rows]
    write_table(output, pa.Table.from_pylist(sorted(named, key=order), SCHEMA.columns), SCHEMA, provenance)


def order(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Sort key of rows of the table `comparisons`."""
    return tuple(row.get(column) or "" for column in ORDER)
