"""Tables of an invented study in the schemas of `attnexplain.tables`: 2 data sets, 3 encoders, 2 attentions, 3 seeds.

The numbers are drawn from fixed distributions of plausible size; no test takes them for results.
"""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pyarrow as pa

from attnexplain.tables import io, replication, runs, statistics

STUDY = "invented"
SETTINGS = {"study": STUDY, "confidence": 0.95, "display": {"labels": {}, "colours": {}}}
DATASETS = {"sst": ["negative", "positive"], "planted-sentiment": ["negative", "positive"]}
ENCODERS = ("average", "bilstm", "cnn")
ATTENTIONS = ("additive", "dot")
CONTROLS = ("none", "untrained", "shuffled-labels")
SEEDS = (1, 2, 3)
METHODS = ("attention", "gradient", "input-x-gradient", "integrated-gradients", "leave-one-out", "random")
_TAU = {"average": 0.66, "bilstm": 0.22, "cnn": 0.41}
_N = 872


def cell(dataset: str, encoder: str, attention: str, control: str = "none", limits: str = "none") -> dict[str, str]:
    """The columns that name a cell."""
    plain = {"normaliser": "softmax", "regulariser": "none"}
    return {
        "dataset": dataset,
        "limits": limits,
        "encoder": encoder,
        "attention": attention,
        **plain,
        "control": control,
    }


def cells() -> list[dict[str, str]]:
    """All cells: every model trained, the additive ones as controls too."""
    models = [cell(*axes) for axes in product(DATASETS, ENCODERS, ATTENTIONS)]
    controls = [cell(*axes, "additive", control) for axes in product(DATASETS, ENCODERS) for control in CONTROLS[1:]]
    return models + controls


def statistics_table() -> pd.DataFrame:
    """Accuracy, tau of every pair by class, and evidence AUPRC of every method, for every cell."""
    rng = np.random.default_rng(7)
    rows = [row for one in cells() for row in _cell_statistics(one, rng)]
    return frame(rows, statistics.SCHEMA)


def runs_table() -> pd.DataFrame:
    """A row per cell and seed."""
    rng = np.random.default_rng(8)
    rows = []
    for one, seed in product(cells(), SEEDS):
        accuracy = _accuracy(one) + rng.normal(0, 0.008)
        about = {"study": STUDY, **one, "seed": seed, "run": run_id(one, seed), "n_train": 6920, "n_test": _N}
        about |= {"vocabulary_size": 13_827, "n_parameters": 4_500_000, "epochs": 8, "best_epoch": 3}
        rows.append(about | {"dev_accuracy": accuracy + 0.01, "test_accuracy": accuracy, "test_f1": accuracy})
    return frame(rows, runs.SCHEMA)


def measures_table(texts: int = 200) -> pd.DataFrame:
    """Kendall tau of single texts of the trained runs, with cell, seed and predicted class joined."""
    rng = np.random.default_rng(9)
    tables = []
    for one, seed, other in product(cells(), SEEDS, ("gradient", "leave-one-out")):
        if one["control"] == "none":
            predicted = rng.integers(0, 2, texts)
            value = np.clip(rng.normal(_TAU[one["encoder"]] + 0.05 * predicted, 0.2), -1, 1)
            value[rng.random(texts) < 0.01] = np.nan
            about = {**one, "seed": seed, "method": "attention", "method_b": other, "metric": "kendall-tau"}
            tables.append(
                pd.DataFrame({"value": value, "class": predicted.astype(str), "null_mean": 0.0, "null_std": 0.16})
                .assign(**about, example_id=[f"test-{i}" for i in range(texts)])
                .assign(class_name=np.array(["negative", "positive"])[predicted])
            )
    return pd.concat(tables, ignore_index=True)


def replication_table() -> pd.DataFrame:
    """Two published numbers with ours beside them, one without."""
    source = "Jain & Wallace (2019), set B"
    shared = {"study": STUDY, "result_set": "jain_wallace_2019.B", "dataset": "sst", "class": "0", "limits": "none"}
    pair = {"method": "attention", "method_b": "gradient", "metric": "kendall-tau", "published_source": source}
    known = {"ours": 0.214, "ci_low": 0.15, "ci_high": 0.28, "inside": False, "difference": -0.126, "n_seeds": 3}
    rows = [
        {**shared, **pair, **known, "encoder": "bilstm", "attention": "additive", "published": 0.34, "n_examples": 430}
        | {"vectors": "none", "deviations": "untrained vectors instead of fastText"},
        {**shared, **pair, "encoder": "cnn", "attention": "additive", "published": 0.55}
        | {"missing_reason": "cell is not part of this study"},
    ]
    return frame(rows, replication.SCHEMA)


def run_id(one: dict[str, str], seed: int) -> str:
    """A readable run id of the usual form."""
    control = "" if one["control"] == "none" else f".{one['control']}"
    return f"{one['dataset']}.{one['encoder']}.{one['attention']}.none.s{seed}{control}-3fa94c01de"


def frame(rows: list[dict], schema: io.TableSchema) -> pd.DataFrame:
    """Rows in the columns and types of a schema, as pandas reads them from Parquet."""
    table = pa.Table.from_pylist(rows, schema=schema.columns)
    return io.conform(table, schema).to_pandas()


def _accuracy(one: dict[str, str]) -> float:
    trained = {"average": 0.79, "bilstm": 0.81, "cnn": 0.80}[one["encoder"]]
    return trained if one["control"] == "none" else 0.5


def _cell_statistics(one: dict[str, str], rng: np.random.Generator) -> list[dict]:
    about = {"study": STUDY, **one, "options": "{}", "n_seeds": len(SEEDS), "n_undefined": 0}
    accuracy = _accuracy(one) + rng.normal(0, 0.004)
    published = 0.83 if (one["dataset"], one["control"]) == ("sst", "none") else None
    rows = [
        {**about, "class": "all", "metric": "accuracy", "n_examples": _N, "published": published}
        | _interval(accuracy, 0.02)
    ]
    for (first, second), name in product(combinations(METHODS, 2), ("all", "0", "1")):
        mean = _agreement(one, first, second) + rng.normal(0, 0.02)
        rows.append(
            {**about, "class": name, "metric": "kendall-tau", "method": first, "method_b": second}
            | {"n_examples": _N if name == "all" else _N // 2, "n_undefined": 9, "significant_fraction": 0.4}
            | {"null_low": -0.012, "null_high": 0.012, "published": _published(one, first, second, name)}
            | _interval(mean, 0.05)
        )
    for method in METHODS:
        mean = 0.31 if method == "random" else 0.55 + rng.normal(0, 0.1)
        rows.append(
            {**about, "class": "all", "metric": "evidence-auprc", "method": method, "n_examples": _N - 20}
            | {"n_undefined": 60, "null_low": 0.29, "null_high": 0.33}
            | _interval(mean, 0.02)
        )
    return rows


def _agreement(one: dict[str, str], first: str, second: str) -> float:
    if "random" in (first, second):
        return 0.0
    return _TAU[one["encoder"]] if one["control"] == "none" else 0.05


def _published(one: dict[str, str], first: str, second: str, name: str) -> float | None:
    if name == "all":
        return None  # published by predicted class alone
    known = {("bilstm", "gradient"): 0.37, ("bilstm", "leave-one-out"): 0.27, ("average", "gradient"): 0.58}
    if (one["dataset"], one["control"], one["attention"], first) == ("sst", "none", "additive", "attention"):
        value = known.get((one["encoder"], second))
        return None if value is None else value + 0.05 * int(name)
    return None


def _interval(mean: float, width: float) -> dict:
    return {"mean": mean, "std": 0.2, "ci_low": mean - width, "ci_high": mean + width, "ci_kind": "two-way"}
