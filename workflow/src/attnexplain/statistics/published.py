"""Published numbers of Jain & Wallace (2019), as carried over in `reference/`, in the vocabulary of our tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).parent.parent / "reference"
SIGNIFICANT = "kendall-tau:significant-fraction"
SPREAD = "kendall-tau:std"
PERMUTED = "permutation:tvd_median"
QUARTILES = {"median_tvd": "median", "q25": "q25", "q75": "q75"}
PERFORMANCE = {"accuracy": "accuracy", "f1_positive": "f1", "roc_auc": "roc-auc"}

# Class of ours by class of the published set, where they stand in another order: SNLI of set A has neutral,
# contradiction, entailment; ours are contradiction, entailment, neutral, as in set B.
CLASSES = {("A", "snli"): {"0": "2", "1": "0", "2": "1"}}

# What the published models are on the axes that the paper does not vary.
PLAIN = {"normaliser": "softmax", "regulariser": "none", "control": "none"}


@dataclass(frozen=True)
class Published:
    """One published number; `method < method_b` for a pair, both None for a model's performance.

    Of permuted attention the method is `attention`, and the metric names quartile and bin of the largest weight.
    """

    result_set: str
    dataset: str
    encoder: str
    attention: str
    class_: str
    metric: str
    method: str | None
    method_b: str | None
    value: float

    @property
    def source(self) -> str:
        """Where the number was published."""
        return f"Jain & Wallace (2019), set {self.result_set}"

    @property
    def key(self) -> tuple[str | None, ...]:
        """What is measured on which model, whatever the result set."""
        return (self.dataset, self.encoder, self.attention, self.class_, self.metric, self.method, self.method_b)


@cache
def numbers() -> tuple[Published, ...]:
    """All published numbers, set A before set B; those printed as NaN are left out."""
    found = [*_agreements(), *_performances(), *_permutations()]
    return tuple(sorted((number for number in found if number.value == number.value), key=lambda n: n.result_set))


@cache
def printed_as_nan() -> int:
    """How many numbers the authors printed as NaN: means and deviations over texts some of which have no tau."""
    table = _read("kendall")
    return int(table[["tau_mean", "tau_std"]].isna().to_numpy().sum())


def published_for(row: Mapping[str, Any]) -> Published | None:
    """The published number of a row of the table `statistics`, of set B where both sets have it."""
    if not is_plain(row):
        return None
    columns = ("dataset", "encoder", "attention", "class", "metric", "method", "method_b")
    return _latest().get(tuple(row[column] for column in columns))


def with_published(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the table `statistics` with its published number and source, null where there is none."""
    number = published_for(row)
    return {**row, "published": number and number.value, "published_source": number and number.source}


def is_plain(cell: Mapping[str, Any]) -> bool:
    """Whether a cell's model is one that the paper could have trained (no regulariser, softmax, no control)."""
    return all(cell[axis] == value for axis, value in PLAIN.items())


@cache
def protocol(result_set: str, dataset: str) -> dict[str, Any]:
    """How the published data set was prepared; values are None where unbounded or unknown."""
    table = _read("protocol")
    row = table[(table["result_set"] == result_set) & (table["dataset"] == dataset)]
    return {} if row.empty else {str(key): None if pd.isna(value) else value for key, value in row.iloc[0].items()}


@cache
def _latest() -> dict[tuple[str | None, ...], Published]:
    return {number.key: number for number in numbers()}  # set B comes last


def _agreements() -> Iterator[Published]:
    for row in _read("kendall").to_dict("records"):
        model = (row["result_set"], row["dataset"], row["encoder"], row["attention"], row["predicted_class"])
        first, second = sorted(["attention", row["importance"]])
        yield Published(*model, "kendall-tau", first, second, float(row["tau_mean"]))
        yield Published(*model, SPREAD, first, second, float(row["tau_std"]))
        yield Published(*model, SIGNIFICANT, first, second, float(row["significant_fraction"]))


def _performances() -> Iterator[Published]:
    for row in _read("performance").to_dict("records"):
        model = (row["result_set"], row["dataset"], row["encoder"], row["attention"], "all")
        for column, metric in PERFORMANCE.items():
            yield Published(*model, metric, None, None, float(row[column]))


def _permutations() -> Iterator[Published]:
    for row in _read("permutation").to_dict("records"):
        model = (row["result_set"], row["dataset"], row["encoder"], row["attention"], row["predicted_class"])
        for column, quartile in QUARTILES.items():
            metric = f"{PERMUTED}:{quartile}:{row['max_attention_bin']}"
            yield Published(*model, metric, "attention", None, float(row[column]))


def _read(name: str) -> pd.DataFrame:
    """One of the files, its classes numbered as ours."""
    table = pd.read_csv(FOLDER / f"jain_wallace_2019_{name}.csv", dtype={"predicted_class": str})
    for (result_set, dataset), ours in CLASSES.items() if "predicted_class" in table else ():
        rows = (table["result_set"] == result_set) & (table["dataset"] == dataset)
        table.loc[rows, "predicted_class"] = table.loc[rows, "predicted_class"].replace(ours)
    return table
