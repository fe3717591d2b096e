"""What a figure reads of the measures of a study's runs: chosen pairs of methods, or chosen columns of experiments."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from attnexplain.data.tasks import QUESTION_ANSWERING, task_of
from attnexplain.errors import ResultError
from attnexplain.identifiers import base_name
from attnexplain.pseudonyms import KEY, matching
from attnexplain.tables import measures as measures_table
from attnexplain.tables import predictions as predictions_table
from attnexplain.tables.io import TableSchema, read_metadata
from attnexplain.tables.statistics import CELL

MEASURES = ["example_id", "method", "method_b", "metric", "value", "null_mean", "null_std"]
ABOUT = [*CELL, "seed", "class", "class_name"]  # of a run, and of each text in it


def read_measures(paths: list[Path], runs: Path, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """Measures of all runs, with cell, seed, predicted class and its name joined.

    `wanted` narrows them: {"metric": name, "pairs": [[method, method], ...], "controls": [control, ...]}, variants of
    a metric or method included.
    """
    pairs = {frozenset(pair) for pair in wanted["pairs"]}

    def is_wanted(row: Any) -> bool:
        methods = frozenset(map(base_name, (row.method, row.method_b))) if row.method_b else None
        return base_name(row.metric) == wanted["metric"] and methods in pairs

    return _read_runs(paths, runs, wanted["controls"], is_wanted, MEASURES)


def read_experiments(paths: list[Path], runs: Path, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """Columns of experiments of all runs: a row per experiment (id), run and text, with what `read_measures` joins.

    `wanted`: {"columns": {experiment: [column, ...], ...}, "controls": [control, ...]}; variants of an experiment are
    rows of their own. A column that an experiment has not is NaN.
    """
    columns = list(dict.fromkeys(name for names in wanted["columns"].values() for name in names))

    def is_wanted(row: Any) -> bool:
        experiment, _, column = row.metric.partition(":")
        return column in wanted["columns"].get(base_name(experiment), [])

    long = _read_runs(paths, runs, wanted["controls"], is_wanted, ["example_id", "metric", "value"])
    names = long["metric"].str.partition(":") if len(long) else pd.DataFrame(columns=[0, 1, 2])
    keys = ["experiment", *ABOUT, "example_id"]
    wide = long.assign(experiment=names[0], column=names[2]).pivot(index=keys, columns="column", values="value")
    return wide.reindex(columns=pd.Index(columns)).reset_index()[[*keys, *columns]]


def class_names(targets: pd.Series, classes: list[str] | None) -> list[str]:
    """Names of predicted classes; one that the data set does not name is `class 7`."""
    known = classes or []
    return [known[index] if index < len(known) else f"class {index}" for index in targets.astype(int)]


def _read_runs(
    paths: list[Path], runs: Path, controls: list[str], is_wanted: Callable[[Any], bool], columns: list[str]
) -> pd.DataFrame:
    specs = {path: json.loads((runs / path.stem / "spec.json").read_text(encoding="utf-8")) for path in paths}
    kept = {path: spec for path, spec in specs.items() if spec["slug"]["control"] in controls}
    tables = [_read_run(path, spec, runs, is_wanted, columns) for path, spec in kept.items()]
    tables = [table for table in tables if len(table)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*columns, *ABOUT])


def _read_run(
    path: Path, spec: dict[str, Any], runs: Path, is_wanted: Callable[[Any], bool], columns: list[str]
) -> pd.DataFrame:
    rows: pd.DataFrame = _read_columns(path, measures_table.SCHEMA, columns, _filter(path, is_wanted)).to_pandas()
    predictions = runs / path.stem / "predictions.parquet"
    tested = _read_columns(predictions, predictions_table.SCHEMA, ["example_id", "target"], ds.field("split") == "test")
    test = matching(tested, read_metadata(pq.read_schema(path)), KEY).to_pandas().set_index("example_id")
    target = test["target"].reindex(rows["example_id"])
    if target.isna().any():
        raise ResultError(f"{path}: texts without a row in {predictions}; rebuild the run's measures")
    joined = rows.assign(**{name: spec["slug"][name] for name in CELL}, seed=spec["seed"])
    if task_of(spec["dataset"]) == QUESTION_ANSWERING:  # statistics keep its answers together, and so do figures
        return joined.assign(**{"class": "all"}, class_name="all answers")
    names = class_names(target, spec["dataset"]["classes"])
    return joined.assign(**{"class": target.astype(int).astype(str).to_numpy()}, class_name=names)


def _filter(path: Path, is_wanted: Callable[[Any], bool]) -> Any:
    """A condition on rows: those whose metric and methods, as they stand in the file, are wanted."""
    ids = pq.read_table(path, columns=["metric", "method", "method_b"]).to_pandas().drop_duplicates()
    condition = ds.scalar(False)
    for row in ids.astype(object).where(ids.notna(), None).itertuples():
        if is_wanted(row):
            second = ds.field("method_b")
            same = second.is_null() if row.method_b is None else second == row.method_b
            condition = condition | (same & (ds.field("method") == row.method) & (ds.field("metric") == row.metric))
    return condition


def _read_columns(path: Path, schema: TableSchema, columns: list[str], condition: Any) -> pa.Table:
    """Only these columns and rows of a table of ours, its schema checked."""
    if not path.is_file():
        raise ResultError(f"{path}: no such file; run the rule that writes it")
    about = read_metadata(pq.read_schema(path))
    if (about.get("table"), about.get("schema_version")) != (schema.name, schema.version):
        raise ResultError(f"{path}: not a table {schema.name!r} of version {schema.version}")
    return pq.read_table(path, columns=columns, filters=condition)
