"""Command `replication`: from finished studies a page that sets every published number beside ours, and its csv."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from attnexplain.errors import ResultError
from attnexplain.identifiers import base_name
from attnexplain.pages.page import embedded, page
from attnexplain.pages.results import ADVERSARIES, StudyTables
from attnexplain.stages.tables import write_csv
from attnexplain.tables import measures as measures_table
from attnexplain.tables import replication as replication_table
from attnexplain.tables import runs as runs_table
from attnexplain.tables import statistics as statistics_table
from attnexplain.tables.io import read_metadata, read_table
from attnexplain.tables.statistics import CELL

SCHEMAS = {
    "runs": runs_table.SCHEMA,
    "statistics": statistics_table.SCHEMA,
    "replication": replication_table.SCHEMA,
}
DIVERGENCES = ("jsd_max", "jsd_found", "jsd_ceiling", "is_exact")
_COLUMNS = [*CELL, "seed", "example_id", "metric", "value"]


def run(*, studies: Sequence[Path], output: Path) -> None:
    """Write the page `output` (Markdown), beside it a csv of all rows, and the embedded figures into a folder.

    `studies`: folders of finished studies, `results/studies/<study>`. A data set is taken from the first that has runs
    of it; a later study that started from other word vectors is compared with it.
    """
    names = [folder.resolve().name for folder in studies]
    if len(set(names)) < len(names):
        raise ResultError(f"a study is named twice: {', '.join(names)}")
    found = [read_study(folder) for folder in studies]
    output.parent.mkdir(parents=True, exist_ok=True)
    csv = output.with_suffix(".csv")
    places = {name: _copied(path, output) for name, path in embedded(found).items()}
    rows = [
        pa.Table.from_pandas(one.replication, replication_table.SCHEMA.columns, preserve_index=False) for one in found
    ]
    write_csv(csv, pa.concat_tables(rows))
    output.write_text(page(found, places, csv.name), encoding="utf-8")


def read_study(folder: Path) -> StudyTables:
    """The tables of a finished study, and what its adversaries found in each text."""
    if not (folder / "tables").is_dir():
        raise ResultError(
            f"{folder}: no finished study; give a folder results/studies/<study> whose tables are written"
        )
    paths = {name: folder / "tables" / f"{name}.parquet" for name in SCHEMAS}
    tables = {name: read_table(paths[name], schema).to_pandas() for name, schema in SCHEMAS.items()}
    about = read_metadata(pq.read_schema(paths["statistics"]))
    return StudyTables(
        name=folder.resolve().name,
        **tables,
        divergences=read_divergences(folder / "measures", tables["runs"], tables["statistics"]),
        libraries=about.get("libraries", {}),
        confidence=about.get("confidence", 0.95),
        figures={path.stem: path for path in sorted((folder / "figures").glob("*.png"))},
    )


def read_divergences(measures: Path, runs: pd.DataFrame, statistics: pd.DataFrame) -> pd.DataFrame:
    """Values of the adversaries for every text of every run, with cell and seed."""
    ids = {metric for metric in statistics["metric"] if _is_divergence(str(metric))}
    tables = [pd.DataFrame(columns=_COLUMNS)]
    for planned in runs[runs["run"].notna()].to_dict("records") if ids else []:
        path = measures / f"{planned['run']}.parquet"
        _check(path)
        read = pq.read_table(path, columns=["example_id", "metric", "value"], filters=[("metric", "in", sorted(ids))])
        tables.append(read.to_pandas().assign(**{name: planned[name] for name in (*CELL, "seed")}))
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True)[_COLUMNS] if filled else tables[0]


def _is_divergence(metric: str) -> bool:
    experiment, _, column = metric.partition(":")
    return base_name(experiment) in ADVERSARIES and column in DIVERGENCES


def _check(path: Path) -> None:
    """That a file is a table of measures, before some of its columns are read."""
    if not path.is_file():
        raise ResultError(f"{path}: no such file; finish the study first")
    about: dict[str, Any] = read_metadata(pq.read_schema(path))
    if (about.get("table"), about.get("schema_version")) != ("measures", measures_table.SCHEMA.version):
        raise ResultError(f"{path}: not a table 'measures' of version {measures_table.SCHEMA.version}")


def _copied(figure: Path, output: Path) -> str:
    """Copy a figure into the page's folder; returns its place relative to the page."""
    folder = output.with_suffix("")
    folder.mkdir(exist_ok=True)
    shutil.copyfile(figure, folder / figure.name)
    return f"{folder.name}/{figure.name}"
