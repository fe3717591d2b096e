"""Tables of an invented study in the schemas of `attnexplain.tables`: 2 data sets, 3 encoders, 2 attentions, 3 seeds.

The numbers are drawn from fixed distributions of plausible size; no test takes them for results.
"""

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
import pandas as pd
import pyarrow as pa

from attnexplain.figures.erasure_by_ranking import RANKINGS
from attnexplain.identifiers import base_name
from attnexplain.stages.figure_texts import COLUMNS as TEXT_COLUMNS
from attnexplain.statistics.agreement import agreement_rows
from attnexplain.statistics.gains import gain_rows
from attnexplain.statistics.multiplicity import with_adjusted_agreement
from attnexplain.statistics.panel import Panel, resampled_means
from attnexplain.statistics.ranked import Measured
from attnexplain.tables import agreement, comparisons, curves, gains, io, replication, runs, statistics

STUDY = "invented"
SETTINGS = {"study": STUDY, "confidence": 0.95, "display": {"labels": {}, "colours": {}}}
DATASETS = {"sst": ["negative", "positive"], "planted-sentiment": ["negative", "positive"]}
ENCODERS = ("average", "bilstm", "cnn")
ATTENTIONS = ("additive", "dot")
CONTROLS = ("none", "untrained", "shuffled-labels")
SEEDS = (1, 2, 3)
METHODS = ("attention", "gradient", "input-x-gradient", "integrated-gradients", "leave-one-out", "random")
TAU_PAIRS = (("attention", "gradient"), ("attention", "leave-one-out"), ("gradient", "leave-one-out"))
EXPERIMENTS = ("permutation", "adversary-2c1f9a", "adversary-exact-77aa00")
LN2 = float(np.log(2))
_WORDS = (
    "an",
    "unhurried",
    "film",
    "that",
    "rewards",
    "patience",
    ",",
    "though",
    "the",
    "ending",
    "falls",
    "flat",
    ".",
)
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
    for one, seed, (first, second) in product(cells(), SEEDS, TAU_PAIRS):
        if one["control"] == "none":
            predicted = rng.integers(0, 2, texts)
            centre = _TAU[one["encoder"]] if first == "attention" else 0.6
            value = np.clip(rng.normal(centre + 0.05 * predicted, 0.2), -1, 1)
            value[rng.random(texts) < 0.01] = np.nan
            about = {**one, "seed": seed, "method": first, "method_b": second, "metric": "kendall-tau"}
            tables.append(
                pd.DataFrame({"value": value, "class": predicted.astype(str), "null_mean": 0.0, "null_std": 0.16})
                .assign(**about, example_id=[f"test-{i}" for i in range(texts)])
                .assign(class_name=np.array(["negative", "positive"])[predicted])
            )
    return pd.concat(tables, ignore_index=True)


def experiments_table(texts: int = 200, experiments: Sequence[str] = (*EXPERIMENTS, "erasure")) -> pd.DataFrame:
    """Experiments on single texts of trained and untrained runs, a row per experiment and text."""
    rng, gone = np.random.default_rng(10), np.random.default_rng(12)
    tables = []
    for one, seed in product(cells(), SEEDS):
        if one["control"] == "shuffled-labels":
            continue
        predicted, largest = rng.integers(0, 2, texts), rng.beta(2, 3, texts)
        best = LN2 * (1 - 0.3 * largest * rng.random(texts))
        is_exact = np.ones(texts, bool) if one["encoder"] != "cnn" else rng.random(texts) < 0.8
        about = {**one, "seed": seed, "class": predicted.astype(str), "max_attention": largest}
        about |= {"class_name": np.array(["negative", "positive"])[predicted]}
        columns = {
            "permutation": {"tvd_median": np.clip(rng.beta(1, 6, texts) + 0.3 * largest * predicted, 0, 1)},
            "adversary": {"jsd_max": best * rng.beta(5, 2, texts), "is_exact": 0.0},
            "adversary-exact": {
                "jsd_max": np.where(is_exact, best, LN2),
                "jsd_found": best,
                "is_exact": is_exact * 1.0,
            },
            "erasure": {f"removed_{name}": _removed(gone, texts, b) for b, name in enumerate(RANKINGS, start=1)},
        }
        for name in experiments:
            ids = [f"test-{i}" for i in range(texts)]
            tables.append(pd.DataFrame({**about, **columns[base_name(name)], "experiment": name, "example_id": ids}))
    return pd.concat(tables, ignore_index=True)


def _removed(rng: np.random.Generator, texts: int, b: int) -> np.ndarray:
    """Shares of words removed, fewer with a larger `b`; one text in eight never flips."""
    return np.where(rng.random(texts) < 1 / 8, np.nan, rng.beta(4, b, texts))


def texts_table() -> pd.DataFrame:
    """Texts of two data sets under two attentions, and a credentialed data set that gives none."""
    rng = np.random.default_rng(11)
    rows = []
    for place in range(9):
        for name in DATASETS:
            about = {**cell(name, "bilstm", "additive"), "seed": 1, "experiment": "adversary-exact"}
            tokens = [_WORDS[(place + i) % len(_WORDS)] for i in range(8 + place)]
            weights = {column: list(rng.dirichlet(np.full(len(tokens), 0.4))) for column in ("learned", "found")}
            about |= {"example_id": f"test-{place}", "tokens": tokens, **weights, "class_name": "positive"}
            rows.append(about | {"probability": 0.9, "jsd": 0.3 + (7 * place % 9) / 30, "tvd": 0.05})
    private = {**cell("mimic-anemia", "bilstm", "additive"), "seed": 1, "experiment": "adversary-exact"}
    rows.append(private | {"missing_reason": "texts of a credentialed data set are not shown"})
    return pd.DataFrame(rows, columns=list(TEXT_COLUMNS)).astype({"tokens": object})


def agreement_table() -> pd.DataFrame:
    """Rankings of the models and methods of both data sets, as the statistics make them of invented values."""
    rows = [row for name in DATASETS for row in agreement_rows(_measured(name), 0.95)]
    about = [{"study": STUDY, "limits": "none", "dataset": name} for name in DATASETS for _ in range(len(rows) // 2)]
    whole = [{**one, "p_value": None, **row} for one, row in zip(about, rows, strict=True)]
    return frame(with_adjusted_agreement(whole, None), agreement.SCHEMA)


def comparisons_table() -> pd.DataFrame:
    """Encoders compared in tau (with a margin) and accuracy, methods in tau, on both data sets; one without a value."""
    rng = np.random.default_rng(13)
    rows = []
    for one, (first, second) in product(cells(), combinations(ENCODERS, 2)):
        if one["encoder"] == first:
            about = {"axis": "encoder", "value": first, "other": second}
            tau = {"metric": "kendall-tau", "method": "attention", "method_b": "gradient", "margin": 0.1}
            rows.append({**one, **about, **tau, **_difference(_TAU[first] - _TAU[second], 0.06, rng)})
            rows.append({**one, **about, "metric": "accuracy", **_difference(0.0, 0.02, rng)})
    for one in (one for one in cells() if one["control"] == "none"):
        about = {"axis": "method", "value": "attention", "other": "leave-one-out", "method": "attention"}
        tau = {"metric": "kendall-tau", "method_b": "gradient", "margin": 0.1}
        rows.append({**one, **about, **tau, **_difference(-0.05, 0.03, rng)})
    unknown = {"difference": None, "ci_kind": None, "p_adjusted": None, "verdict": None}
    rows.append({**rows[0], **unknown, "missing_reason": "the two have no seed in common"})
    shared = {"study": STUDY, "class": "all", "options": "{}", "n_examples": _N, "n_seeds": 3, "n_undefined": 0}
    return frame([{**shared, **row} for row in rows], comparisons.SCHEMA)


def curves_table() -> pd.DataFrame:
    """Four adversaries of every additive model, what lies beside them, and the area; one model without an area."""
    rng = np.random.default_rng(17)
    rows = []
    for one in (one for one in cells() if one["attention"] == "additive" and one["control"] == "none"):
        cost = {"average": 0.2, "bilstm": 0.35, "cnn": 0.5}[one["encoder"]]
        points = [
            (curves.TRAINED, f"{one['encoder']}.additive.adversarial-00000{place}", divergence, cost * divergence**2)
            for place, divergence in enumerate((0.1, 0.3, 0.5, 0.65))
        ]
        points += [(curves.SEED, "seed-variance", 0.12, 0.08), (curves.UNIFORM, "uniform-at-test", 0.2, 0.06)]
        points += [(curves.UNIFORM_TRAINED, f"{one['encoder']}.uniform.none", 0.2, 0.11)]
        points += [(curves.SEARCH, "adversary", 0.55, 0.009), (curves.EXACT, "adversary-exact", 0.62, 0.01)]
        for place, (kind, attack, jsd, tvd) in enumerate(points):
            wide = 0.01 + 0.01 * rng.random()
            ends = {"jsd_low": jsd - wide, "jsd_high": jsd + wide, "tvd_low": tvd - wide, "tvd_high": tvd + wide}
            about = {"kind": kind, "attack": attack, "lambda": 10.0 ** (place - 3) if kind == curves.TRAINED else None}
            about["is_corner"] = True if kind == curves.TRAINED else None
            rows.append({**one, **about, "jsd": jsd, "tvd": tvd, **ends, "ci_kind": "two-way"})
        area = {"area": cost * 0.06, "area_low": cost * 0.05, "area_high": cost * 0.07, "ci_kind": "two-way"}
        none = {"missing_reason": "its adversaries reach a divergence of 0.3 nats, and the area is taken up to 0.4"}
        rows.append({**one, "kind": curves.AREA, "to": 0.4, **(none if one["encoder"] == "average" else area)})
    counts = {"study": STUDY, "n_examples": _N, "n_undefined": 0, "n_seeds": 3}
    return frame([{**counts, **row} for row in rows], curves.SCHEMA)


def gains_table() -> pd.DataFrame:
    """What every model costs and gains beside the main encoder, in tau and accuracy."""
    known = comparisons_table().iloc[:-1]
    tables = [pa.Table.from_pandas(one, preserve_index=False).to_pylist() for one in (statistics_table(), known)]
    return frame([*gain_rows(*tables)], gains.SCHEMA)


def _difference(centre: float, width: float, rng: np.random.Generator) -> dict:
    found = centre + rng.normal(0, width / 2)
    limits = {"ci_low": found - width, "ci_high": found + width, "ci_kind": "two-way"}
    verdict = "different" if abs(found) > width else "equivalent" if width < 0.05 else "cannot be told"
    return {"difference": found, **limits, "effect": found / (5 * width), "p_adjusted": 0.04, "verdict": verdict}


def _measured(dataset: str) -> Measured:
    """Six models of three seeds on 40 texts; tau and AUPRC of every method, accuracy, permuted attention."""
    rng = np.random.default_rng(len(dataset))
    models = [f"{encoder}.{attention}.none" for encoder in ENCODERS for attention in ATTENTIONS]
    keys = [("kendall-tau", *pair) for pair in TAU_PAIRS] + [("accuracy", "", "")]
    keys += [(name, method, "") for name in ("evidence-auprc", "precision-at-k") for method in METHODS]
    keys += [("permutation:tvd_median", "attention", "")]
    level = np.repeat(rng.normal(0, 0.3, len(models)), len(SEEDS))[:, None]
    spread = np.repeat(rng.normal(0, 0.3, (len(keys), len(models))), len(SEEDS), axis=1)
    values = {
        key: level + own[:, None] + rng.normal(0, 0.4, (len(level), 40)) for key, own in zip(keys, spread, strict=True)
    }
    found = Panel(models, np.repeat(np.arange(len(models)), len(SEEDS)), np.tile(SEEDS, len(models)), values)
    means = resampled_means(found, 100, np.random.default_rng(3))
    return Measured(found, means, {key[0]: 1 for key in keys}, ["none"] * len(models))


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
    rows += _experiment_statistics(about)
    for method in METHODS:
        mean = 0.31 if method == "random" else 0.55 + rng.normal(0, 0.1)
        rows.append(
            {**about, "class": "all", "metric": "evidence-auprc", "method": method, "n_examples": _N - 20}
            | {"n_undefined": 60, "null_low": 0.29, "null_high": 0.33}
            | _interval(mean, 0.02)
        )
    return rows


def _experiment_statistics(about: dict) -> list[dict]:
    """Medians per bin of the largest weight, with the options of each experiment."""
    rows = []
    options = {
        "permutation": '{"draws":100}',
        "adversary": '{"epsilon_select":0.05}',
        "adversary-exact": '{"epsilon":0.05}',
    }
    columns = {"permutation": "tvd_median", "adversary": "jsd_max", "adversary-exact": "jsd_found"}
    for experiment, bin_, name in product(EXPERIMENTS, ("0-0.25", "0.25-0.5", "0.5-0.75"), ("all", "0", "1")):
        plain = base_name(experiment)
        metric = f"{experiment}:{columns[plain]}:median:{bin_}"
        mean = 0.2 if plain == "permutation" else 0.5
        found = {"metric": metric, "method": "attention", "class": name, "n_examples": _N, "options": options[plain]}
        rows.append({**about, **found, **_interval(mean, 0.02), "ci_kind": "crossed-bootstrap"})
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
