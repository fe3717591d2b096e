"""Stage: means with intervals of every cell of a study, for the runs of one data set."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from attnexplain.errors import ResultError
from attnexplain.pseudonyms import KEY, matching
from attnexplain.statistics.between import between_rows, pairs_of
from attnexplain.statistics.ceilings import with_ceilings
from attnexplain.statistics.cells import CURVE_AREA, Row, Run, measure_rows
from attnexplain.statistics.disattenuation import disattenuated_rows
from attnexplain.statistics.inference import Inference
from attnexplain.statistics.mcnemar import mcnemar_rows
from attnexplain.statistics.missing import ATTENTION
from attnexplain.statistics.performance import performance_rows
from attnexplain.statistics.published import with_published
from attnexplain.statistics.quantiles import quantile_rows
from attnexplain.tables import areas as areas_table
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
    areas: Sequence[Path] = (),
    key: Path = KEY,
) -> None:
    """Write the table `statistics` of the runs whose measures are given; the stem of a path is the run's id.

    `between` are the tables of measures between runs, `annotators` that of annotators against each other, where there
    are such, `areas` that of the areas under adversaries' curves. `key` is that of the pseudonyms, where the measures
    have them.
    """
    options = options_of(settings, "metrics", "experiments", "between")
    compared = _Compared(between)
    people = read_table(annotators[0], measures_table.SCHEMA) if annotators else None
    rows: list[Row] = []
    inference = Inference.of(settings)
    cells = cells_of(measures, runs)
    for cell, paths in sorted(cells.items(), key=lambda item: (compared.tables(item[1]), item[0])):
        found = [read_run(path, runs, key, areas) for path in paths]
        computed = [*measure_rows(found, options, inference)]
        pairs = pairs_of(found, compared.rows(paths), settings["between"], settings["methods"])
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


class _Compared:
    """The tables of measures between runs. The cells of a large data set are spread over several, each read as needed.

    Cells that are asked for in the order of their `tables` have each table read once, and few held at a time.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._of_run: dict[str, list[Path]] = defaultdict(list)
        for path in paths:
            runs = pq.read_table(path, columns=["run"], read_dictionary=["run"])["run"]
            for run_id in runs.unique().to_pylist():
                self._of_run[run_id].append(path)
        self._read = lru_cache(maxsize=2)(lambda path: read_table(path, between_table.SCHEMA))

    def tables(self, measures: Iterable[Path]) -> list[Path]:
        """The tables that have the runs of a cell."""
        return sorted({table for path in measures for table in self._of_run.get(path.stem, [])}, reverse=True)

    def rows(self, measures: Iterable[Path]) -> pa.Table:
        """The rows of a cell, with those of other cells."""
        empty = between_table.SCHEMA.columns.empty_table()
        return pa.concat_tables([empty, *map(self._read, self.tables(measures))])


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


def options_of(settings: Mapping[str, Any], *families: str) -> dict[str, str]:
    """Canonical JSON of the options of all that gives measures, by id; `curve` are those of adversaries' curves."""
    plugins = [plugin for family in families for plugin in settings[family]]
    curve = {CURVE_AREA.partition(":")[0]: canonical(settings["curve"])} if settings.get("curve") else {}
    return {plugin["id"]: canonical(plugin["options"]) for plugin in plugins} | curve


def read_run(path: Path, runs: Path, key: Path, areas: Sequence[Path] = ()) -> Run:
    """What a run contributes; `path` of its measures, `key` of their pseudonyms where they have them.

    Of the tables `areas`, what is of the run is one more of its measures.
    """
    predictions = read_table(runs / path.stem / "predictions.parquet", predictions_table.SCHEMA)
    test = predictions.filter(pc.equal(predictions["split"], "test"))
    measures = read_table(path, measures_table.SCHEMA)
    named = matching(test, read_metadata(measures.schema), key)
    return Run(read_spec(runs, path.stem), _with_area(measures, path.stem, areas), named)


def _with_area(measures: pa.Table, run_id: str, areas: Sequence[Path]) -> pa.Table:
    parts = [measures]
    for path in areas:
        own = read_table(path, areas_table.SCHEMA).filter(pc.field("run") == run_id).drop_columns("run")
        for name, text in (("metric", CURVE_AREA), ("method", ATTENTION)):
            own = own.append_column(name, pa.repeat(pa.scalar(text), len(own)))
        parts += [own] if len(own) else []
    return pa.concat_tables(parts, promote_options="default") if len(parts) > 1 else measures


def _class_order(name: str) -> str:
    return "" if name == "all" else name.rjust(9)
