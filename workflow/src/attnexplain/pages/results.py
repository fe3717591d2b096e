"""What a replication page reads: tables of finished studies, and the numbers in them by name."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from attnexplain.figures.report.grid import digits_for, interval, missing, number
from attnexplain.figures.style import Style
from attnexplain.identifiers import base_name
from attnexplain.statistics.differences import Estimate
from attnexplain.statistics.published import is_plain

STYLE = Style()
ADVERSARIES = ("adversary", "adversary-exact")
PUBLISHED_MARGINS = {"epsilon_search": 0.01, "epsilon_select": 0.05}


@dataclass(frozen=True)
class StudyTables:
    """Tables of one finished study.

    `divergences`: per example of every run, the values of its adversaries (columns of a cell, seed, example_id, metric,
    value); `libraries`: versions that wrote the tables; `figures`: png files by name.
    """

    name: str
    runs: pd.DataFrame
    statistics: pd.DataFrame
    replication: pd.DataFrame
    divergences: pd.DataFrame
    libraries: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 0.95
    figures: Mapping[str, Path] = field(default_factory=dict)

    @property
    def datasets_with_runs(self) -> list[str]:
        """Data sets that have a trained run, in the order of the table."""
        return list(dict.fromkeys(self.runs.loc[self.runs["run"].notna(), "dataset"]))


@dataclass(frozen=True)
class Results:
    """Each data set's tables, from the first study that has runs of it, or else from the first that names it."""

    runs: pd.DataFrame
    statistics: pd.DataFrame
    replication: pd.DataFrame
    divergences: pd.DataFrame
    confidence: float

    @cached_property
    def datasets(self) -> list[str]:
        """Data sets in alphabetical order, those with runs first."""
        with_runs = set(self.runs.loc[self.runs["run"].notna(), "dataset"])
        return sorted(set(self.runs["dataset"]), key=lambda name: (name not in with_runs, name))

    @cached_property
    def known(self) -> list[str]:
        """Data sets that have runs."""
        with_runs = set(self.runs.loc[self.runs["run"].notna(), "dataset"])
        return [name for name in self.datasets if name in with_runs]

    @cached_property
    def _rows(self) -> dict[tuple[Any, ...], Mapping[str, Any]]:
        found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        for record in self.statistics.to_dict("records"):
            row = {str(name): value for name, value in record.items()}
            key = ("dataset", "encoder", "attention", "control", "class", "metric", "method", "method_b")
            if is_plain({**row, "control": "none"}):
                named = tuple(None if missing(row[name]) else row[name] for name in key)
                found.setdefault(named, row)
        return found

    def row(
        self, dataset: str, model: "Model", metric: str, pair: tuple[str | None, str | None] = (None, None)
    ) -> Mapping[str, Any] | None:
        """The row of the table `statistics` over all classes of a model without regulariser, with softmax."""
        key = (dataset, model.encoder, model.attention, model.control, "all", metric, *pair)
        return self._rows.get(key)

    def estimate(
        self, dataset: str, model: "Model", metric: str, pair: tuple[str | None, str | None] = (None, None)
    ) -> Estimate | None:
        """Mean and interval of that row; None where there is no mean."""
        row = self.row(dataset, model, metric, pair)
        if row is None or missing(row["mean"]):
            return None
        low, high = (None if missing(row[name]) else float(row[name]) for name in ("ci_low", "ci_high"))
        return Estimate(float(row["mean"]), low, high, int(row["n_examples"]), int(row["n_seeds"]))

    @cached_property
    def divergences_by_model(self) -> dict[tuple[str, "Model"], pd.DataFrame]:
        """Divergences of the models with softmax and without regulariser, by data set and model."""
        plain = (self.divergences["normaliser"] == "softmax") & (self.divergences["regulariser"] == "none")
        groups = self.divergences[plain].groupby(["dataset", "encoder", "attention", "control"])
        return {(str(key[0]), Model(*map(str, key[1:]))): rows for key, rows in groups}

    @cached_property
    def experiments(self) -> dict[str, dict[str, Any]]:
        """Options of every experiment, metric and measure between runs in the table, by id."""
        ids = self.statistics["metric"].str.partition(":")[0]
        table = pd.DataFrame({"id": ids, "options": self.statistics["options"]}).drop_duplicates("id")
        return {str(row.id): json.loads(str(row.options)) for row in table.itertuples()}

    def variant(self, name: str, wanted: Mapping[str, Any]) -> str | None:
        """Id of the variant of a plug-in that has the wanted options, else of the first variant; None without any."""
        ids = sorted(one for one in self.experiments if base_name(one) == name)
        return next((one for one in ids if wanted.items() <= self.experiments[one].items()), ids[0] if ids else None)

    @cached_property
    def search(self) -> str | None:
        """Id of the searched adversary, that with the published margins first."""
        return self.variant("adversary", PUBLISHED_MARGINS)

    @cached_property
    def exact(self) -> str | None:
        """Id of the exact adversary, that with the margin of the search's selection first."""
        return self.variant("adversary-exact", {"epsilon": self.margin(self.search, "epsilon_select")})

    def margin(self, experiment: str | None, option: str) -> float | None:
        """An option of an experiment."""
        return self.experiments[experiment].get(option) if experiment else None


@dataclass(frozen=True, order=True)
class Model:
    """An encoder with an attention, trained or a control."""

    encoder: str
    attention: str
    control: str = "none"

    @property
    def name(self) -> str:
        """`BiLSTM, additive`, a control in brackets."""
        control = "" if self.control == "none" else f" ({STYLE.label(self.control)})"
        return f"{STYLE.label(self.encoder)}, {STYLE.label(self.attention)}{control}"


def chosen(studies: Sequence[StudyTables]) -> Results:
    """Each data set from one study."""
    owner: dict[str, str] = {}
    for study in studies:
        owner.update({name: study.name for name in study.datasets_with_runs if name not in owner})
    for study in studies:
        owner.update({name: study.name for name in study.runs["dataset"] if name not in owner})
    frames = {
        name: _of_owner([getattr(study, name) for study in studies], [study.name for study in studies], owner)
        for name in ("runs", "statistics", "replication", "divergences")
    }
    return Results(**frames, confidence=studies[0].confidence)


def text(estimate: Estimate | None) -> str:
    """`0.35 [0.30, 0.40]`, with the decimals that the interval supports; a dash without a number."""
    if estimate is None:
        return "–"
    digits = digits_for(estimate.low, estimate.high)
    return f"{number(estimate.value, digits)} {interval(estimate.low, estimate.high, digits)}".strip()


def label(identifier: str) -> str:
    """Name to print."""
    return STYLE.label(identifier)


def _of_owner(tables: Iterable[pd.DataFrame], names: Sequence[str], owner: Mapping[str, str]) -> pd.DataFrame:
    kept = [table[table["dataset"].map(owner) == name] for table, name in zip(tables, names, strict=True)]
    filled = [table for table in kept if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else kept[0]
