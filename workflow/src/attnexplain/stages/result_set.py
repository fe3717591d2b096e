"""A finished study as `compare` reads it: its statistics, of whatever version, and the values and facts behind them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from pyarrow import ArrowInvalid

from attnexplain.classification import METRICS, pseudo_values
from attnexplain.errors import ResultError, nearest
from attnexplain.tables.io import read_metadata
from attnexplain.tables.statistics import CELL

TABLE = Path("tables") / "statistics.parquet"
UNKNOWN_CLASS = -1
_VALUES = ["example_id", "method", "method_b", "metric", "value"]
Cell = tuple[str, ...]


@dataclass(frozen=True)
class ResultSet:
    """`folder` is None where the table of statistics alone was given; `runs`: run id by cell and seed."""

    name: str
    statistics: pd.DataFrame
    about: Mapping[str, Any]
    folder: Path | None = None
    runs: Mapping[Cell, Mapping[int, str]] = field(default_factory=dict)

    @property
    def confidence(self) -> float:
        """Level of the intervals."""
        return float(self.about.get("confidence", 0.95))

    def run_folder(self, run: str) -> Path:
        """Where a run's files lie: `results/runs/<run>`, beside `results/studies`."""
        return (self.folder or Path()).resolve().parents[1] / "runs" / run

    def measures(self, run: str) -> Path:
        """Where a run's measures lie."""
        return (self.folder or Path()) / "measures" / f"{run}.parquet"

    def values(self, cell: Cell) -> pd.DataFrame:
        """Values of all runs of a cell: seed, metric, method, method_b ("" for none), example_id, value, target.

        Empty where the measures of some run are not at hand. Performance is there as pseudo-values, where the runs'
        predictions are.
        """
        runs = self.runs.get(cell, {})
        if not runs or not all(self.measures(run).is_file() for run in runs.values()):
            return pd.DataFrame(columns=["seed", *_VALUES, "target"])
        parts = [part.assign(seed=seed) for seed, run in sorted(runs.items()) for part in self._values(run)]
        return pd.concat([part for part in parts if len(part)], ignore_index=True)

    def _values(self, run: str) -> Iterator[pd.DataFrame]:
        measured: pd.DataFrame = pq.read_table(self.measures(run), columns=_VALUES).to_pandas()
        names = ["metric", "method", "method_b"]
        measured[names] = measured[names].astype(object).where(measured[names].notna(), "")
        path = self.run_folder(run) / "predictions.parquet"
        if not path.is_file():
            yield measured.assign(target=UNKNOWN_CLASS)
            return
        test = pq.read_table(path, filters=[("split", "=", "test")]).to_pandas()
        target = measured["example_id"].map(test.set_index("example_id")["target"])
        yield measured.assign(target=target.fillna(UNKNOWN_CLASS).astype(int))
        if test["label"].notna().all():
            labels, probability = test["label"].to_numpy(int), np.stack(list(test["probability"])).astype(float)
            for metric in METRICS:
                values = pseudo_values(metric, labels, probability)
                found = pd.DataFrame({"example_id": test["example_id"], "value": values})
                yield found.assign(metric=metric, method="", method_b="", target=UNKNOWN_CLASS)


def read_result_set(path: Path) -> ResultSet:
    """A study's folder, its table of statistics, or the folder `tables`; errors name what would have been right."""
    folder = _study(path)
    table = path if path.suffix == ".parquet" else folder / TABLE
    try:
        about = read_metadata(pq.read_schema(table))
    except ArrowInvalid as error:
        raise ResultError(f"{table}: cannot be read as Parquet: {error}") from error
    if about.get("table") != "statistics":
        raise ResultError(f"{table}: a table {about.get('table')!r}, not a study's statistics ({TABLE})")
    statistics = pq.read_table(table).to_pandas()
    return ResultSet(str(path), statistics, about, folder, _runs(folder / "tables" / "runs.parquet"))


def _study(path: Path) -> Path:
    """The study's folder of a path that holds a table of statistics."""
    if path.is_file() and path.suffix == ".parquet":
        return path.parents[1] if path.parent.name == "tables" else path.parent
    for folder in (path, path.parent):
        if path.is_dir() and (folder / TABLE).is_file() and (folder == path or path.name == "tables"):
            return folder
    raise ResultError(f"{path}: {_why(path)}")


def _why(path: Path) -> str:
    """What is wrong with a path, and the nearest that would be right."""
    if path.is_dir():
        inside = sorted(found.parents[1] for found in path.glob(f"**/{TABLE}")) if path.name != "/" else []
        if inside:
            return f"no study's folder. Studies in it: {', '.join(map(str, inside))}"
        return f"no finished study: {TABLE} is not there. Run the study to its end with snakemake"
    if path.exists():
        return "not a Parquet table; give a study's folder, results/studies/<study>, or its tables/statistics.parquet"
    beside = [found.parents[1].name for found in path.parent.glob(f"*/{TABLE}")] if path.parent.is_dir() else []
    if not beside:
        return "no such folder; give results/studies/<study> of a finished study, or its tables/statistics.parquet"
    return f"no such folder. {nearest(path.name, beside)}"


def _runs(path: Path) -> dict[Cell, dict[int, str]]:
    """Run ids by cell and seed; nothing where the table of runs is not at hand."""
    found: dict[Cell, dict[int, str]] = {}
    rows = pq.read_table(path).to_pandas() if path.is_file() else pd.DataFrame(columns=["run"])
    for row in rows[rows["run"].notna()].to_dict("records"):
        found.setdefault(tuple(row[axis] for axis in CELL), {})[int(row["seed"])] = str(row["run"])
    return found


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file; empty where there is none."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
