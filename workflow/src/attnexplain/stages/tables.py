"""Stage: the tables of a study, its published numbers beside ours among them; Parquet and csv.

Here the tests of a study are all together, so here they are adjusted for their number.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from attnexplain.errors import ResultError
from attnexplain.stages.contrast import order as contrast_order
from attnexplain.stages.statistics import canonical, order, read_spec
from attnexplain.statistics.gains import gain_rows
from attnexplain.statistics.missing import missing_rows
from attnexplain.statistics.multiplicity import verdict, with_adjusted, with_adjusted_agreement
from attnexplain.statistics.published import with_published
from attnexplain.statistics.ranked import METHODS, MODELS
from attnexplain.statistics.replication import About, replication_rows
from attnexplain.tables import agreement as agreement_table
from attnexplain.tables import comparisons as comparisons_table
from attnexplain.tables import curves as curves_table
from attnexplain.tables import gains as gains_table
from attnexplain.tables import replication as replication_table
from attnexplain.tables import runs as runs_table
from attnexplain.tables import statistics as statistics_table
from attnexplain.tables.io import TableSchema, read_table, write_table
from attnexplain.tables.statistics import CELL

Row = dict[str, Any]
RUN_ORDER = (*CELL, "seed")
REPLICATION_ORDER = ("dataset", "encoder", "attention", "metric", "method", "method_b", "class", "limits", "result_set")


def run(
    *,
    settings: Mapping[str, Any],
    statistics: list[Path],
    runs: Path,
    run_ids: list[str],
    output: Path,
    provenance: Mapping[str, Any],
    comparisons: Sequence[Path] = (),
    agreement: Sequence[Path] = (),
    curves: Sequence[Path] = (),
) -> None:
    """Write every table of the study into `output`, each as .parquet and .csv."""
    specs = {run_id: read_spec(runs, run_id) for run_id in sorted(run_ids)}
    all_statistics = _statistics(settings, statistics)
    compared = _comparisons(settings, comparisons)
    tables: list[tuple[TableSchema, Sequence[Row]]] = [
        (statistics_table.SCHEMA, all_statistics),
        (comparisons_table.SCHEMA, compared),
        (gains_table.SCHEMA, list(gain_rows(all_statistics, compared))),
        (agreement_table.SCHEMA, _agreement(settings, agreement)),
        (curves_table.SCHEMA, [row for path in curves for row in read_table(path, curves_table.SCHEMA).to_pylist()]),
        (runs_table.SCHEMA, _runs(settings, runs, specs)),
        (replication_table.SCHEMA, _replication(settings, all_statistics, specs.values())),
    ]
    provenance = {**provenance, "confidence": settings["confidence"]}
    for schema, rows in tables:
        table = pa.Table.from_pylist(list(rows), schema.columns)
        write_table(output / f"{schema.name}.parquet", table, schema, provenance)
        write_csv(output / f"{schema.name}.csv", table)


def write_csv(path: Path, table: pa.Table) -> None:
    """A table as text: six significant digits, nothing where null; the same rows give the same bytes."""
    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame = table.to_pandas(types_mapper=nullable.get)
    partial = path.with_name(f".{path.name}.tmp")
    frame.to_csv(partial, index=False, float_format="%.6g", lineterminator="\n")
    partial.replace(path)


def _statistics(settings: Mapping[str, Any], paths: Iterable[Path]) -> list[Row]:
    rows = [row for path in paths for row in read_table(path, statistics_table.SCHEMA).to_pylist()]
    options = {metric["id"]: canonical(metric["options"]) for metric in settings["metrics"]}
    present = {tuple(row[axis] for axis in CELL) for row in rows}
    used = {name: settings[name] for name in ("metrics", "methods", "experiments", "between")}
    for row in missing_rows(settings["missing"], **used, present=present):
        about = {"study": settings["study"], "options": options.get(row["metric"], "{}")}
        rows.append(with_published({**about, **row}))
    return with_adjusted(sorted(rows, key=order), settings["family"])


def _comparisons(settings: Mapping[str, Any], paths: Iterable[Path]) -> list[Row]:
    rows = [row for path in paths for row in read_table(path, comparisons_table.SCHEMA).to_pylist()]
    adjusted = with_adjusted(sorted(rows, key=contrast_order), settings["family"])
    return [{**row, "verdict": verdict(row, settings["confidence"])} for row in adjusted]


def _agreement(settings: Mapping[str, Any], paths: Iterable[Path]) -> list[Row]:
    """Rows of all data sets; of one without runs, two that say why."""
    rows = [row for path in paths for row in read_table(path, agreement_table.SCHEMA).to_pylist()]
    present = {row["dataset"] for row in rows}
    missing = {planned["dataset"]: planned for planned in settings["missing"] if planned["dataset"] not in present}
    nothing: Row = dict.fromkeys(agreement_table.SCHEMA.columns.names)
    nothing |= {"study": settings["study"], "kind": "metrics", "n_ranked": 0, "n_examples": 0, "n_seeds": 0}
    for dataset, planned in missing.items():
        said = {name: planned[name] for name in ("limits", "missing_reason")}
        rows += [{**nothing, "dataset": dataset, **said, "ranked": ranked} for ranked in (MODELS, METHODS)]
    return with_adjusted_agreement(sorted(rows, key=lambda row: str(row["dataset"])), settings["family"])


def _runs(settings: Mapping[str, Any], runs: Path, specs: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    rows = [
        {"study": settings["study"], "run": run_id, **spec["slug"], "seed": spec["seed"], **_metrics(runs, run_id)}
        for run_id, spec in specs.items()
    ]
    rows += [{"study": settings["study"], **planned} for planned in settings["missing"]]
    known = runs_table.SCHEMA.columns.names
    cut = [{name: row.get(name) for name in known} for row in rows]
    return sorted(cut, key=lambda row: (*(row[axis] for axis in RUN_ORDER), row["run"] or ""))


def _metrics(runs: Path, run_id: str) -> Row:
    path = runs / run_id / "metrics.json"
    if not path.is_file():
        raise ResultError(f"{path}: no such file; the rule `train` writes it")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _replication(
    settings: Mapping[str, Any], statistics: Sequence[Row], specs: Iterable[Mapping[str, Any]]
) -> list[Row]:
    about = About(settings.get("differs", {}), settings.get("vectors", {}))
    rows = replication_rows(settings["study"], statistics, specs, about)
    return sorted(rows, key=lambda row: tuple(str(row.get(column) or "") for column in REPLICATION_ORDER))
