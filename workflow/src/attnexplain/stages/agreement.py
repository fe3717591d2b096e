"""Stage: do the metrics of a study rank the models and methods of one data set alike, and how firm are the rankings."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from attnexplain.pseudonyms import KEY
from attnexplain.seeding import generator
from attnexplain.stages.statistics import cells_of, read_run
from attnexplain.statistics.agreement import agreement_rows
from attnexplain.statistics.cells import Run
from attnexplain.statistics.notions import is_adversary
from attnexplain.statistics.panel import panel, resampled_means
from attnexplain.statistics.ranked import Measured, directions, model_id
from attnexplain.tables import agreement as agreement_table
from attnexplain.tables.io import write_table
from attnexplain.tables.statistics import CELL


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
    """Write the table `agreement` of the runs whose measures are given; the stem of a path is the run's id.

    `key` is that of the pseudonyms, where the measures have them.
    """
    found = dict(sorted(cells_of(measures, runs).items()))
    # An adversary is no model to rank; of a study of adversaries alone nothing else is there.
    cells = {
        cell: paths for cell, paths in found.items() if not is_adversary(dict(zip(CELL, cell, strict=True)))
    } or found
    slugs = [dict(zip(CELL, cell, strict=True)) for cell in cells]
    models = [model_id(slug) for slug in slugs]
    signs = directions(settings)
    values = panel(_runs(dict(zip(models, cells.values(), strict=True)), runs, key, areas), signs)
    dataset = slugs[0]["dataset"]
    means = resampled_means(values, settings["bootstrap"], generator(0, "sampling", "bootstrap", "agreement", dataset))
    measured = Measured(values, means, signs, [slug["control"] for slug in slugs])
    about = {"study": settings["study"], "dataset": dataset, "limits": slugs[0]["limits"]}
    rows = [{**about, **row} for row in agreement_rows(measured, settings["confidence"])]
    table = pa.Table.from_pylist(rows, agreement_table.SCHEMA.columns)
    write_table(output, table, agreement_table.SCHEMA, provenance)


def _runs(
    models: Mapping[str, Sequence[Path]], runs: Path, key: Path, areas: Sequence[Path]
) -> Iterator[tuple[str, Run]]:
    """Each run as it is asked for."""
    for model, paths in models.items():
        for path in paths:
            yield model, read_run(path, runs, key, areas)
