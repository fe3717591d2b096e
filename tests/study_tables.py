"""Hand-made tables of a finished study, for the replication page: two data sets, a few models, known numbers."""

import pandas as pd

from attnexplain.pages.results import StudyTables
from attnexplain.tables import replication, runs, statistics
from report_tables import cell, frame

SEARCH, EXACT = "adversary-0a1b2c", "adversary-exact-3d4e5f"
OPTIONS = {
    SEARCH: '{"epsilon_search":0.01,"epsilon_select":0.05}',
    EXACT: '{"epsilon":0.05}',
}
PAIRS = (("attention", "gradient"), ("attention", "leave-one-out"), ("gradient", "leave-one-out"))
MODELS = (
    ("bilstm", "additive", "none"),
    ("average", "additive", "none"),
    ("bilstm", "uniform", "none"),
    ("bilstm", "additive", "untrained"),
)


def number(one, metric, mean, half=0.02, method=None, method_b=None, class_="all", **more):
    """A row of the table `statistics`; half None: no interval."""
    ends = {} if half is None else {"ci_low": mean - half, "ci_high": mean + half, "ci_kind": "two-way"}
    about = {"study": "demo", **one, "method": method, "method_b": method_b, "class": class_, "metric": metric}
    options = OPTIONS.get(metric.partition(":")[0], "{}")
    return {**about, "options": options, "mean": mean, **ends, "n_examples": 50, "n_undefined": 0, "n_seeds": 2, **more}


def rows_of(one, taus=(0.3, 0.25, 0.6), permuted=0.05, jsd=(0.5, 0.66)):
    """Rows of a cell: accuracy, tau of the pairs, permuted attention, both adversaries."""
    found = [number(one, "accuracy", 0.8)]
    found += [
        number(one, "kendall-tau", tau, 0.04, *pair, published=0.35) for pair, tau in zip(PAIRS, taus, strict=True)
    ]
    found.append(number(one, "permutation:tvd_median", permuted, 0.01, "attention"))
    found += [number(one, f"permutation:tvd_median:median:{part}", permuted, 0.03, "attention") for part in ("0-0.25",)]
    found.append(number(one, f"{SEARCH}:jsd_max", jsd[0], 0.03, "attention"))
    found.append(number(one, f"{EXACT}:jsd_max", jsd[1], 0.005, "attention"))
    return [*found, number(one, f"{EXACT}:is_exact", 0.9, 0.01, "attention")]


def divergences(one, searched, found, possible, texts=200, seeds=(1, 2), ceiling=0.68):
    """The same numbers for every text."""
    values = {f"{SEARCH}:jsd_max": searched, f"{EXACT}:jsd_found": found, f"{EXACT}:jsd_max": possible}
    values[f"{EXACT}:jsd_ceiling"] = ceiling
    return pd.DataFrame(
        [
            {**one, "seed": seed, "example_id": f"t{i}", "metric": metric, "value": value}
            for seed in seeds
            for i in range(texts)
            for metric, value in values.items()
        ]
    )


def replicated(one, metric, published, ours=None, half=0.05, result_set="B", method=None, method_b=None, **more):
    """A row of the table `replication`."""
    about = {"study": "demo", "result_set": result_set, "published_source": f"set {result_set}", "class": "all", **one}
    about |= {"metric": metric, "method": method, "method_b": method_b, "published": published}
    if ours is None:
        return {**about, "missing_reason": "no test example is predicted as class 1", **more}
    ends = {} if half is None else {"ci_low": ours - half, "ci_high": ours + half}
    inside = {} if half is None else {"inside": bool(abs(ours - published) <= half)}
    about |= {"ours": ours, "difference": ours - published, "n_seeds": 2, "n_examples": 50, **ends, **inside}
    return {**about, "limits": "none", "vectors": "none (random)", "deviations": "seeds: published 1, ours 2", **more}


def axes(one):
    """Of a cell, what a published number names."""
    return {name: one[name] for name in ("dataset", "encoder", "attention")}


def study(name="demo", datasets=("sst", "babi-1"), **changes):
    """A study of all MODELS; `changes` replace tables."""
    cells = [cell(dataset, *model) for dataset in datasets for model in MODELS]
    trained = [
        {"study": name, **one, "seed": seed, "run": f"{'.'.join(one.values())}.{seed}", "n_train": 90, "n_test": 50}
        | {"epochs": 8, "best_epoch": 2 + seed, "test_accuracy": 0.7 + 0.05 * seed}
        for one in cells
        for seed in (1, 2)
    ]
    taus = {"bilstm": (0.3, 0.25, 0.6), "average": (0.7, 0.7, 0.6)}
    found = [row for one in cells for row in rows_of(one, taus[one["encoder"]])]
    numbers = [
        replicated(axes(one), "kendall-tau", 0.35, 0.33, method="attention", method_b="gradient")
        for one in cells
        if one["control"] == "none"
    ]
    tables = {
        "runs": frame(trained, runs.SCHEMA),
        "statistics": frame(found, statistics.SCHEMA),
        "replication": frame(numbers, replication.SCHEMA),
        "divergences": pd.concat([divergences(one, 0.45, 0.65, 0.66) for one in cells], ignore_index=True),
    }
    return StudyTables(name=name, **{**tables, **changes})
