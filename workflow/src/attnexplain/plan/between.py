"""The part of the plan that is about measures between runs: what the rules `between` and `retest` are given.

Those that read models are jobs of the one, those that read attributions jobs of the other, each per data set.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from attnexplain.config.plugins import canonical
from attnexplain.config.study import Study
from attnexplain.plan.grid import base_files, model_modules
from attnexplain.provenance import Sources

Spec = dict[str, Any]


MODELS, ATTRIBUTIONS = "models", "attributions"  # what a measure between runs may read; FACTS["reads"]


class BetweenPlan:
    """Input and params functions of one rule; its jobs are those data sets with two seeds in some cell."""

    def __init__(
        self,
        study: Study,
        reads: str,
        folder: str,
        runs: Mapping[str, Spec],
        tokens_folder: Callable[[Spec], str],
        code: Sources,
    ) -> None:
        self._study, self._folder, self._runs = study, folder, runs
        self._plugins = [plugin for plugin in study.between if plugin.facts.get("reads", MODELS) == reads]
        self._tokens_folder, self._code = tokens_folder, code

    def table(self, wildcards: Any) -> list[str]:
        """The table of a data set; none where the study does not ask for it, or there are no two seeds."""
        return [f"{self._folder}/{wildcards.dataset}.parquet"] if self._compared(wildcards) else []

    def models(self, wildcards: Any) -> list[str]:
        """Models of the runs that are compared."""
        return [f"results/runs/{run}/model.safetensors" for run in self._compared(wildcards)]

    def base_files(self, wildcards: Any) -> list[str]:
        """Specification and model of each run that those compared stand on."""
        return sorted({file for run in self._compared(wildcards) for file in base_files(self._runs[run])})

    def attributions(self, wildcards: Any) -> list[str]:
        """Attributions of the runs that are compared, by every method of the study."""
        runs, methods = self._compared(wildcards), [method.id for method in self._study.methods]
        return [f"results/runs/{run}/attributions/{method}.parquet" for run in runs for method in methods]

    def specs(self, wildcards: Any) -> list[str]:
        """Specifications of the runs that are compared."""
        return [f"results/runs/{run}/spec.json" for run in self._compared(wildcards)]

    def test_tokens(self, wildcards: Any) -> str:
        """Tokens of the test split; the runs of a data set share them."""
        return f"resources/tokens/{self._tokens(wildcards)}/test.parquet"

    def class_list(self, wildcards: Any) -> list[str]:
        """Where the runs find their classes, if they are left to the data."""
        named = self._spec(wildcards)["dataset"]["classes"] is not None
        return [] if named else [f"resources/tokens/{self._tokens(wildcards)}/statistics.json"]

    def plugins(self, wildcards: Any) -> str:
        """Specifications of the study's measures between runs that are of this rule."""
        return canonical([plugin.spec() for plugin in self._plugins])

    def disclosure(self, wildcards: Any) -> str:
        """The option by which the table keeps the identifiers of a credentialed data set."""
        return "--disclose" if wildcards.dataset in self._study.disclose else ""

    def tables_code(self, wildcards: Any) -> str:
        """Code of a job that reads tables alone: its measures."""
        return self._code.code_digest(["attnexplain.stages.retest", *(plugin.module for plugin in self._plugins)])

    def code(self, wildcards: Any) -> str:
        """Code of a job that runs models: its measures and all models."""
        plugins = {plugin.module for plugin in self._plugins}
        models = {module for run in self._compared(wildcards) for module in model_modules(self._runs[run])}
        return self._code.code_digest(["attnexplain.stages.between", *plugins, *models])

    def _compared(self, wildcards: Any) -> list[str]:
        """Runs of the cells of a data set that have two seeds or more."""
        cells: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for run, spec in self._runs.items() if self._plugins else ():
            if spec["slug"]["dataset"] == wildcards.dataset:
                cells[tuple(spec["slug"].values())].append(run)
        return [run for runs in cells.values() if len(runs) > 1 for run in runs]

    def _spec(self, wildcards: Any) -> Spec:
        return self._runs[self._compared(wildcards)[0]]

    def _tokens(self, wildcards: Any) -> str:
        return self._tokens_folder(self._spec(wildcards))
