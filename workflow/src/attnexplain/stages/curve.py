"""Stage: the curves of the attacked models of one data set, and the areas under them as values per run and example."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from attnexplain.identifiers import base_name
from attnexplain.pseudonyms import KEY, MARK
from attnexplain.stages.statistics import cells_of, read_run
from attnexplain.statistics.between import Pairs, pairs_of
from attnexplain.statistics.cells import Row, Run
from attnexplain.statistics.curves import READ, area_rows, attacked, curve_rows
from attnexplain.statistics.inference import Inference
from attnexplain.tables import areas as areas_table
from attnexplain.tables import between as between_table
from attnexplain.tables import curves as curves_table
from attnexplain.tables.io import read_metadata, read_table, write_table

METHOD = "attention"


def run(
    *,
    settings: Mapping[str, Any],
    measures: Sequence[Path],
    runs: Path,
    output: Path,
    areas: Path,
    provenance: Mapping[str, Any],
    between: Sequence[Path] = (),
    key: Path = KEY,
) -> None:
    """Write the tables `curves` (to `output`) and `areas` of the runs whose measures are given.

    `measures`: of adversaries, of what they attack, and of those runs trained with uniform attention; the stem of a
    path is the run's id. `between`: the table of measures between runs, if any. Of `settings`, `seeds` are the
    specifications of the plug-ins that compare them.
    """
    ordered = [path for _, paths in sorted(cells_of(measures, runs).items()) for path in paths]
    found = [_narrowed(read_run(path, runs, key)) for path in ordered]
    compared = [read_table(path, between_table.SCHEMA) for path in between]
    inference, to = Inference.of(settings), settings["to"]
    points: list[Row] = []
    values: list[Row] = []
    for model in attacked(found):
        pairs = _seeds(model.own, compared, settings["seeds"])
        points += [{"study": settings["study"], **row} for row in curve_rows(model, pairs, to, inference)]
        values += area_rows(model, to)
    about = {**provenance, **_mark(found[0])}
    for path, schema, rows in ((output, curves_table.SCHEMA, points), (areas, areas_table.SCHEMA, values)):
        write_table(path, pa.Table.from_pylist(rows, schema.columns), schema, about)


def _mark(one: Run) -> dict[str, Any]:
    """What tells that a run's measures have pseudonyms; what is made of them has the same."""
    mark = read_metadata(one.measures.schema).get(MARK)
    return {MARK: mark} if mark else {}


def _narrowed(one: Run) -> Run:
    """The run with those of its measures that curves are made of: all runs of a data set are read at once."""
    metrics = one.measures["metric"].unique().to_pylist()
    wanted = [metric for metric in metrics if base_name(metric.partition(":")[0]) in READ]
    kept = one.measures.filter(pc.is_in(one.measures["metric"], pa.array(wanted, pa.string())))
    return Run(one.spec, kept, one.predictions)


def _seeds(
    runs: Sequence[Run], compared: Sequence[pa.Table], plugins: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[Pairs, Pairs] | None]:
    """Distances and divergences between the seeds of one model, by plug-in; None of a single seed."""
    if not runs or not plugins:
        return {}
    rows = pa.concat_tables([between_table.SCHEMA.columns.empty_table(), *compared])
    found = pairs_of(runs, rows, plugins, [METHOD])
    names = [plugin["id"] for plugin in plugins]
    both = {name: [found[f"{name}:{column}", METHOD, None] for column in ("tvd", "jsd")] for name in names}
    return {name: None if tvd is None or jsd is None else (tvd, jsd) for name, (tvd, jsd) in both.items()}
