"""Stage `figure`: draw one figure from finished tables, as svg, png and the plotted numbers as csv."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from attnexplain.data.tasks import QUESTION_ANSWERING, task_of
from attnexplain.errors import ResultError
from attnexplain.figures.save import save
from attnexplain.figures.style import base_name
from attnexplain.pseudonyms import KEY, matching
from attnexplain.registry import facts, load
from attnexplain.tables import measures as measures_table
from attnexplain.tables import predictions as predictions_table
from attnexplain.tables import replication as replication_table
from attnexplain.tables import runs as runs_table
from attnexplain.tables import statistics as statistics_table
from attnexplain.tables.io import TableSchema, read_metadata, read_table

TABLES = {
    "replication": replication_table.SCHEMA,
    "runs": runs_table.SCHEMA,
    "statistics": statistics_table.SCHEMA,
}
MEASURES = ["example_id", "method", "method_b", "metric", "value", "null_mean", "null_std"]


def run(
    *,
    figure: str,
    settings: dict[str, Any],
    tables: Path,
    measures: list[Path],
    runs: Path,
    output: Path,
    provenance: dict[str, Any],
) -> None:
    """Write `output`.svg, .png and .csv. Of `tables` and `measures`, what the figure's FACTS name is read.

    `provenance` stays out of the files: the same numbers are the same bytes, whichever code computed them.
    """
    about = facts("figure", figure)
    found = {name: read_table(tables / f"{name}.parquet", TABLES[name]).to_pandas() for name in _named(about)}
    if "measures" in about["reads"]:
        found["measures"] = read_measures(measures, runs, about["measures"])
    drawn, plotted = load("figure", figure)(found, settings)
    save(drawn, plotted, output)


def read_measures(paths: list[Path], runs: Path, wanted: dict[str, Any]) -> pd.DataFrame:
    """Measures of all runs, with cell, seed, predicted class and its name joined.

    `wanted` narrows them: {"metric": name, "pairs": [[method, method], ...], "controls": [control, ...]}, variants of
    a metric or method included.
    """
    specs = {path: json.loads((runs / path.stem / "spec.json").read_text(encoding="utf-8")) for path in paths}
    kept = {path: spec for path, spec in specs.items() if spec["slug"]["control"] in wanted["controls"]}
    tables = [_read_run(path, spec, runs, wanted) for path, spec in kept.items()]
    tables = [table for table in tables if len(table)]
    columns = [*MEASURES, *statistics_table.CELL, "seed", "class", "class_name"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def _named(about: dict[str, Any]) -> list[str]:
    unknown = set(about["reads"]) - {*TABLES, "measures"}
    if unknown:
        raise ResultError(f"figure {about['name']!r}: FACTS['reads'] names no table {sorted(unknown)}")
    return [name for name in about["reads"] if name in TABLES]


def _read_run(path: Path, spec: dict[str, Any], runs: Path, wanted: dict[str, Any]) -> pd.DataFrame:
    rows: pd.DataFrame = _read_columns(path, measures_table.SCHEMA, MEASURES, _filter(path, wanted)).to_pandas()
    predictions = runs / path.stem / "predictions.parquet"
    tested = _read_columns(predictions, predictions_table.SCHEMA, ["example_id", "target"], ds.field("split") == "test")
    test = matching(tested, read_metadata(pq.read_schema(path)), KEY).to_pandas().set_index("example_id")
    target = test["target"].reindex(rows["example_id"])
    if target.isna().any():
        raise ResultError(f"{path}: texts without a row in {predictions}; rebuild the run's measures")
    joined = rows.assign(**{name: spec["slug"][name] for name in statistics_table.CELL}, seed=spec["seed"])
    if task_of(spec["dataset"]) == QUESTION_ANSWERING:  # statistics keep its answers together, and so do figures
        return joined.assign(**{"class": "all"}, class_name="all answers")
    classes = spec["dataset"]["classes"]
    names = [classes[index] if index < len(classes) else f"class {index}" for index in target.astype(int)]
    return joined.assign(**{"class": target.astype(int).astype(str).to_numpy()}, class_name=names)


def _filter(path: Path, wanted: dict[str, Any]) -> Any:
    """A condition on rows, by the ids in the file whose base names are wanted."""
    ids = pq.read_table(path, columns=["metric", "method", "method_b"]).to_pandas().drop_duplicates().dropna()
    pairs = {frozenset(pair) for pair in wanted["pairs"]}
    kept = [
        base_name(row.metric) == wanted["metric"] and frozenset(map(base_name, (row.method, row.method_b))) in pairs
        for row in ids.itertuples()
    ]
    condition = ds.scalar(False)
    for row in ids[kept].itertuples():
        same = (ds.field("method") == row.method) & (ds.field("method_b") == row.method_b)
        condition = condition | (same & (ds.field("metric") == row.metric))
    return condition


def _read_columns(path: Path, schema: TableSchema, columns: list[str], condition: Any) -> pa.Table:
    """Only these columns and rows of a table of ours, its schema checked."""
    if not path.is_file():
        raise ResultError(f"{path}: no such file; run the rule that writes it")
    about = read_metadata(pq.read_schema(path))
    if (about.get("table"), about.get("schema_version")) != (schema.name, schema.version):
        raise ResultError(f"{path}: not a table {schema.name!r} of version {schema.version}")
    return pq.read_table(path, columns=columns, filters=condition)
