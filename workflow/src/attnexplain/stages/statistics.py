"""Stage: means with intervals of every cell of a study, for the runs of one data set."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from attnexplain.errors import ResultError
from attnexplain.pseudonyms import KEY, matching
from attnexplain.statistics.between import between_rows, pairs_of
from attnexplain.statistics.ceilings import with_ceilings
from attnexplain.statistics.cells import Row, Run, measure_rows
from attnexplain.statistics.disattenuation import disattenuated_rows
from attnexplain.statistics.inference import Inference
from attnexplain.statistics.mcnemar import mcnemar_rows
from attnexplain.statistics.performance import performance_rows
from attnexplain.statistics.published import with_published
from attnexplain.statistics.quantiles import quantile_rows
from attnexplain.tables import between as between_table
from attnexplain.tables import measures as measures_table
from attnexplain.tables import predictions as predictions_table
from attnexplain.tables import statistics as statistics_table
from attnexplain.tables.io import read_metadata, read_table, write_table
from attnexplain.tables.statistics import CELL

# The order of rows; a null method comes first.
ORDER = (*CELL, "metric", "method", "method_b", "class")


def run(
    *,
    settings: Mapping[str, Any],
    measures: list[Path],
    runs: Path,
    output: Path,
    provenance: Mapping[str, Any],
    between: Sequence[Path] = (),
    annotators: Sequence[Path] = (),
    key: Path = KEY,
) -> None:
    """Write the table `statistics` of the runs whose measures are given; the stem of a path is the run's id.

    `between` are the tables of measures between runs, `annotators` that of annotators against each other, where there
    are such. `key` is that of the pseudonyms, where the measures have them.
    """
    plugins = (*settings["metrics"], *settings["experiments"], *settings["between"])
    options = {plugin["id"]: canonical(plugin["options"]) for plugin in plugins}
    tables = [read_table(path, between_table.SCHEMA) for path in between]
    compared = pa.concat_tables([between_table.SCHEMA.columns.empty_table(), *tables])
    people = read_table(annotators[0], measures_table.SCHEMA) if annotators else None
    rows: list[Row] = []
    inference = Inference.of(settings)
    for cell, paths in sorted(cells_of(measures, runs).items()):
        found = [read_run(path, runs, key) for path in paths]
        computed = [*measure_rows(found, options, inference)]
        pairs = pairs_of(found, compared, settings["between"], settings["methods"])
        computed += between_rows(found, pairs, options, settings["confidence"])
        tests = settings["metrics"], settings["between"]
        computed += disattenuated_rows(pairs, *tests, options, settings["confidence"])
        computed += performance_rows(found, inference)
        drawn = {"resamples": settings["bootstrap"], "confidence": settings["confidence"]}
        computed += quantile_rows(found, settings["experiments"], options, **drawn)
        computed += mcnemar_rows(found, settings["experiments"], options)
        about = {"study": settings["study"], **dict(zip(CELL, cell, strict=True))}
        rows += [with_published({**about, **row}) for row in with_ceilings(computed, found, *tests, people)]
    table = pa.Table.from_pylist(sorted(rows, key=order), statistics_table.SCHEMA.columns)
    write_table(output, table, statistics_table.SCHEMA, provenance)


def canonical(value: object) -> str:
    """The one JSON text of a value: keys sorted, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def order(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Sort key of rows of the table `statistics`; classes by number, `all` first."""
    return (*(row.get(column) or "" for column in ORDER[:-1]), _class_order(row["class"]))


def read_spec(runs: Path, run_id: str) -> dict[str, Any]:
    """The specification of a run, from its folder."""
    path = runs / run_id / "spec.json"
    if not path.is_file():
        raise ResultError(f"{path}: no such file; the rule `train` writes it")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def cells_of(measures: Iterable[Path], runs: Path) -> dict[tuple[str, ...], list[Path]]:
    """The runs of each cell, by seed; two runs of one seed in a cell would be counted as two seeds."""
    cells: dict[tuple[str, ...], dict[int, Path]] = defaultdict(dict)
    for path in measures:
        spec = read_spec(runs, path.stem)
        seeds = cells[tuple(spec["slug"][axis] for axis in CELL)]
        if spec["seed"] in seeds:
            raise ResultError(
                f"{path.stem} and {seeds[spec['seed']].stem} are one cell with one seed; keep one of them"
            )
        seeds[spec["seed"]] = path
    return {cell: [seeds[seed] for seed in sorted(seeds)] for cell, seeds in cells.items()}


def read_run(path: Path, runs: Path, key: Path) -> Run:
    """What a run contributes; `path` of its measures, `key` of their pseudonyms where they have them."""
    predictions = read_table(runs / path.stem / "predictions.parquet", predictions_table.SCHEMA)
    test = predictions.filter(pc.equal(predictions["split"], "test"))
    measures = read_table(path, measures_table.SCHEMA)
    return Run(read_spec(runs, path.stem), measures, matching(test, read_metadata(measures.schema), key))


def _class_order(name: str) -> str:
    return "" if name == "all" else name.rjust(9)
