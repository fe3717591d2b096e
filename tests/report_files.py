"""The files of the invented study of `report_tables`, laid out as the workflow lays them out."""

import json
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pandas as pd
import pyarrow as pa

import report_tables as tables
from attnexplain.tables import (
    agreement,
    attributions,
    experiments,
    io,
    measures,
    predictions,
    replication,
    runs,
    statistics,
)

_TRAINING = {"epochs": 8, "batch_size": 32, "learning_rate": 1e-3, "weight_decay": 1e-5, "patience": None}


@dataclass(frozen=True)
class StudyFiles:
    """Paths that the stages `figure` and `report` are called with."""

    tables: Path
    runs: Path
    measures: list[Path]
    texts: list[Path]
    datasets: list[Path]
    tokens: list[Path]


def write_study(folder: Path, *, texts: int = 40) -> StudyFiles:
    """Tables as parquet and csv, spec.json of every run, measures and predictions of the trained ones, data facts."""
    made = StudyFiles(folder / "tables", folder / "runs", _write_measures(folder, texts), _write_texts(folder), [], [])
    write_table(made.tables, "statistics", tables.statistics_table(), statistics.SCHEMA)
    write_table(made.tables, "runs", tables.runs_table(), runs.SCHEMA)
    write_table(made.tables, "agreement", tables.agreement_table(), agreement.SCHEMA)
    write_table(made.tables, "replication", tables.replication_table(), replication.SCHEMA)
    for name in tables.DATASETS:
        made.datasets.append(_write_json(folder / "datasets" / f"{name}-0123abcd" / "dataset.json", _dataset(name)))
        about = folder / "tokens" / f"{name}-0123abcd" / "word-4567cdef" / "statistics.json"
        made.tokens.append(_write_json(about, _splits(name)))
    return made


def write_table(folder: Path, name: str, rows: pd.DataFrame, schema: io.TableSchema) -> None:
    """One table as parquet and csv."""
    io.write_table(folder / f"{name}.parquet", pa.Table.from_pandas(rows, preserve_index=False), schema, {})
    rows.to_csv(folder / f"{name}.csv", index=False)


def _write_measures(folder: Path, texts: int) -> list[Path]:
    whole, paths = _whole(texts), []
    for one, seed in product(tables.cells(), tables.SEEDS):
        run = tables.run_id(one, seed)
        _write_json(folder / "runs" / run / "spec.json", _spec(one, seed))
        paths.append(folder / "measures" / f"{run}.parquet")
        if one["control"] == "shuffled-labels":
            continue  # no figure reads the measures of this control: a file that is read would be missed
        same = (whole[list(one)] == pd.Series(one)).all(axis=1) & (whole["seed"] == seed)
        rows = whole[same].assign(n_tokens=18)
        kept = rows[[name for name in measures.SCHEMA.columns.names if name in rows]]
        io.write_table(paths[-1], pa.Table.from_pandas(kept, preserve_index=False), measures.SCHEMA, {})
        _write_predictions(folder / "runs" / run, rows.drop_duplicates("example_id"))
    return paths


def _whole(texts: int) -> pd.DataFrame:
    """Measures of pairs of methods and of experiments in one table, as the stage `measure` writes them."""
    wide = tables.experiments_table(texts)
    about = [*tables.cell("", "", ""), "seed", "example_id", "class", "class_name", "experiment"]
    long = wide.melt(about, var_name="column", value_name="value").dropna(subset=["value"])
    long = long.assign(metric=long["experiment"] + ":" + long["column"], method="attention", method_b=None)
    return pd.concat([tables.measures_table(texts), long], ignore_index=True)


def _write_texts(folder: Path) -> list[Path]:
    """Attributions and experiments of the runs whose texts are shown."""
    paths, whole = [], tables.texts_table()
    for name in tables.DATASETS:
        run = folder / "runs" / tables.run_id(tables.cell(name, "bilstm", "additive"), 1)
        rows = whole[whole["dataset"] == name]
        lists = {key: [[0] * len(tokens) for tokens in rows["tokens"]] for key in ("segment", "start", "end")}
        one = {"example_id": rows["example_id"], "target": 1, "probability": [[0.1, 0.9]] * len(rows)}
        learned = pd.DataFrame({**one, **lists, "tokens": rows["tokens"], "scores": rows["learned"]})
        found = rows[["example_id", "tvd"]].assign(prediction=1, weights=rows["found"])
        found = found.assign(jsd_max=0.69, jsd_found=rows["jsd"])
        paths += [run / "attributions" / "attention.parquet", run / "experiments" / "adversary-exact-77aa00.parquet"]
        for path, table, schema in zip(paths[-2:], (learned, found), (attributions, experiments), strict=True):
            io.write_table(path, pa.Table.from_pandas(table, preserve_index=False), schema.SCHEMA, {})
    return paths


def _write_predictions(folder: Path, rows: pd.DataFrame) -> None:
    # Texts of dev carry the same ids with the other class: reading them for test would be seen.
    columns = {"example_id": rows["example_id"], "probability": [[0.5, 0.5]] * len(rows)}
    target = rows["class"].astype(int)
    both = pd.concat(
        [
            pd.DataFrame({**columns, "split": "dev", "target": 1 - target}),
            pd.DataFrame({**columns, "split": "test", "target": target}),
        ]
    )
    found = pa.Table.from_pandas(both, preserve_index=False)
    io.write_table(folder / "predictions.parquet", found, predictions.SCHEMA, {})


def _spec(one: dict[str, str], seed: int) -> dict:
    plugins = {axis: {"name": one[axis], "id": one[axis], "options": {}} for axis in ("encoder", "attention")}
    return {
        "run": tables.run_id(one, seed),
        "dataset": {"name": one["dataset"], "classes": tables.DATASETS[one["dataset"]]},
        "tokeniser": {"name": "word", "id": "word", "options": {}},
        "vectors": None,
        **plugins,
        "training": _TRAINING,
        "control": one["control"],
        "seed": seed,
        "slug": one,
        "access": "open",
    }


def _dataset(name: str) -> dict:
    files = {"train": {"path": "sst/trees/train.txt", "sha256": "e2f3f41b0b1e6d4d" + 48 * "0"}}
    reader = {"name": "sst-trees", "id": "sst-trees", "options": {}}
    kinds = {"sst": {"kind": "files", "reader": reader, "files": files}}
    rows = {"train": 6920, "dev": 872, "test": 1821}
    return {
        "name": name,
        "title": {"sst": "Stanford Sentiment Treebank, binary"}.get(name, "Generated reviews"),
        "licence": "<free for research & teaching>",
        "citation": "Socher et al. (2013)",
        "access": "open",
        "classes": tables.DATASETS[name],
        "source": kinds.get(name, {"kind": "synthetic", "reader": {"name": name, "id": name, "options": {}}}),
        "limits": {"train": None, "dev": None, "test": None},
        "rows_before_limits": rows,
        "rows": rows if name == "sst" else {**rows, "train": 500},
    }


def _splits(name: str) -> dict:
    length = {"mean": 19.301, "std": 9.312, "min": 2, "max": 52}
    split = {"examples": 1821, "dropped_by_length": 3, "class_counts": [912, 909], "length": length}
    split |= {"evidence_fraction": 0.2214, "unknown_rate": 0.0431}
    about = {"dataset": name, "tokeniser": {"name": "word", "id": "word", "options": {}}, "vocabulary_size": 13_827}
    return about | {"train": split, "dev": split, "test": split}


def _write_json(path: Path, content: dict) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
