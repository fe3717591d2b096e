"""The part of the plan that is about curves of attacked models: what the rule `curve` is given, per data set."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from attnexplain.attacks import DISTANCE, SEEDS, is_adversary, is_uniform_twin
from attnexplain.config.study import Study

Spec = dict[str, Any]


class CurvesPlan:
    """Input and params functions; its jobs are the data sets with trained adversaries whose distance is measured."""

    def __init__(
        self, study: Study, folder: str, runs: Mapping[str, Spec], between: Callable[[Any], list[str]]
    ) -> None:
        self._study, self._folder, self._runs, self._between = study, folder, runs, between
        self._measured = DISTANCE in {experiment.name for experiment in study.experiments}
        self._seeds = [plugin for plugin in study.between if plugin.name == SEEDS]

    def table(self, dataset: str) -> list[str]:
        """The curves of a data set; none where there is no adversary."""
        return [f"{self._folder}/curves/{dataset}.parquet"] if self._adversaries(dataset) else []

    def areas(self, wildcards: Any) -> list[str]:
        """The areas of a data set as values, for what reads them as measures; none where there is no adversary."""
        return [f"{self._folder}/areas/{wildcards.dataset}.parquet"] if self._adversaries(wildcards.dataset) else []

    def measures(self, wildcards: Any) -> list[str]:
        """Measures of the runs that a curve is made of."""
        return [f"{self._folder}/measures/{run}.parquet" for run in self._read(wildcards.dataset)]

    def predictions(self, wildcards: Any) -> list[str]:
        """Predictions of the same runs."""
        return [f"results/runs/{run}/predictions.parquet" for run in self._read(wildcards.dataset)]

    def between(self, wildcards: Any) -> list[str]:
        """The measures between runs, where the study compares seeds."""
        return self._between(wildcards) if self._seeds else []

    def options(self, wildcards: Any) -> dict[str, Any]:
        """What the areas are to who reads them; nothing where there are none."""
        return {"curve": {"to": self._study.statistics.curve_to}} if self._adversaries(wildcards.dataset) else {}

    def settings(self) -> dict[str, Any]:
        """What a job needs to know of the study besides how it infers."""
        return {"to": self._study.statistics.curve_to, "seeds": [plugin.spec() for plugin in self._seeds]}

    def _adversaries(self, dataset: str) -> list[Spec]:
        return [spec for spec in self._of_dataset[dataset] if is_adversary(spec)] if self._measured else []

    @cached_property
    def _of_dataset(self) -> dict[str, list[Spec]]:
        found: dict[str, list[Spec]] = defaultdict(list)
        for spec in self._runs.values():
            found[spec["slug"]["dataset"]].append(spec)
        return found

    def _read(self, dataset: str) -> list[str]:
        """Adversaries, the runs of the cells that they attack, and of those trained with uniform attention instead."""
        found = self._adversaries(dataset)
        bases = {tuple(spec["base"]["slug"].values()): spec["base"] for spec in found}
        beside = [
            spec
            for spec in self._of_dataset[dataset]  # that of a base is always the run's own
            if tuple(spec["slug"].values()) in bases or any(is_uniform_twin(spec, base) for base in bases.values())
        ]
        return sorted({spec["run"] for spec in (*found, *beside)})
