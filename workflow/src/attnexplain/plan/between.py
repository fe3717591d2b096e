"""The part of the plan that is about measures between runs: what the rules `between` and `retest` are given.

Those that read models are jobs of the one, those that read attributions jobs of the other, each per data set; for the
cells of a data set that are too many for one job there are several (`sst.0`, `sst.10`, `sst.11`).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from attnexplain.config.plugins import canonical
from attnexplain.config.study import Study
from attnexplain.plan.capacity import divided
from attnexplain.plan.grid import base_files, model_modules
from attnexplain.provenance import Sources

Spec = dict[str, Any]


MODELS, ATTRIBUTIONS = "models", "attributions"  # what a measure between runs may read; FACTS["reads"]


class BetweenPlan:
    """Input and params functions of one rule; its jobs are those data sets with two seeds in some cell, in parts."""

    def __init__(
        self,
        study: Study,
        reads: str,
        folder: str,
        runs: Mapping[str, Spec],
        tokens_folder: Callable[[Spec], str],
        code: Sources,
    ) -> None:
        self._study, self._folder, self._runs, self._reads = study, folder, runs, reads
        self._plugins = [plugin for plugin in study.between if plugin.facts.get("reads", MODELS) == reads]
        self._tokens_folder, self._code = tokens_folder, code

    def table(self, wildcards: Any) -> list[str]:
        """The tables of a data set; none where the study does not ask for it, or there are no two seeds."""
        return [f"{self._folder}/{cells}.parquet" for cells in self.parts(wildcards.dataset)]

    def parts(self, dataset: str) -> dict[str, list[str]]:
        """Runs of a data set that are compared, by the name of the job: whole cells, of two seeds or more."""
        return self._parts.get(dataset, {})

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
        return "--disclose" if self._dataset(wildcards) in self._study.disclose else ""

    def tables_code(self, wildcards: Any) -> str:
        """Code of a job that reads tables alone: its measures."""
        return self._code.code_digest(["attnexplain.stages.retest", *(plugin.module for plugin in self._plugins)])

    def code(self, wildcards: Any) -> str:
        """Code of a job that runs models: its measures and all models."""
        plugins = {plugin.module for plugin in self._plugins}
        models = {module for run in self._compared(wildcards) for module in model_modules(self._runs[run])}
        return self._code.code_digest(["attnexplain.stages.between", *plugins, *models])

    @cached_property
    def _parts(self) -> dict[str, dict[str, list[str]]]:
        """Runs by data set and name of the job."""
        cells: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for run, spec in self._runs.items() if self._plugins else ():
            cells[spec["slug"]["dataset"]][".".join(spec["slug"].values())].append(run)
        found = {}
        for dataset, of_dataset in cells.items():
            several = {cell: runs for cell, runs in of_dataset.items() if len(runs) > 1}
            parts = divided(
                {cell: [file for run in runs for file in self._files(run)] for cell, runs in several.items()}
            )
            runs_of = {bits: [run for cell in own for run in several[cell]] for bits, own in parts.items() if own}
            found[dataset] = {f"{dataset}.{bits}".rstrip("."): runs for bits, runs in runs_of.items()}
        return found

    def _files(self, run: str) -> list[str]:
        """What a job is given of a run."""
        if self._reads == MODELS:
            return [
                f"results/runs/{run}/spec.json",
                f"results/runs/{run}/model.safetensors",
                *base_files(self._runs[run]),
            ]
        methods = [f"results/runs/{run}/attributions/{method.id}.parquet" for method in self._study.methods]
        return [f"results/runs/{run}/spec.json", *methods]

    def _compared(self, wildcards: Any) -> list[str]:
        """Runs of a job."""
        return self.parts(self._dataset(wildcards))[wildcards.cells]

    def _dataset(self, wildcards: Any) -> str:
        return str(wildcards.cells).partition(".")[0]

    def _spec(self, wildcards: Any) -> Spec:
        return self._runs[self._compared(wildcards)[0]]

    def _tokens(self, wildcards: Any) -> str:
        return self._tokens_folder(self._spec(wildcards))
