"""The part of the plan that is about jobs of many files: what they are given, and what the rule `gather` is.

Where the files that a job reads of the runs of a study fit one job (`plan/capacity.py`), it is given them, and there is
nothing to gather. Where they do not, they are divided, a job of `gather` lists each part with the digests of its files,
and the other job is given the lists. Its inputs are then those lists: it runs again when what is in a file changes.
"""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from types import SimpleNamespace
from typing import Any

from attnexplain.gathered import SUFFIX
from attnexplain.plan.capacity import divided, fits
from attnexplain.plan.study_plan import StudyPlan

Groups = dict[str, list[str]]  # files by the name under which a job is given them


class Gathering:
    """Input functions. `kind` is what is gathered for, with the data set or cells that it is of: `runs.sst`."""

    def __init__(self, plan: StudyPlan) -> None:
        self._plan, self._folder = plan, f"{plan.folder}/gathered"
        self._kinds: dict[str, Callable[[Any], Groups]] = {
            "runs": self._of_runs,
            "curves": self._of_curves,
            "between": self._of_models,
            "retest": self._of_attributions,
            "tables": self._of_tables,
            "figures": self._of_figures,
        }
        self._parts = cache(self._divided)

    def given(self, kind: str, group: str) -> Callable[[Any], list[str]]:
        """The input function of one group of files of a kind: the files, or lists of them."""

        def files(wildcards: Any) -> list[str]:
            about = wildcards.get("cells") or wildcards.get("dataset")
            return self.read(f"{kind}.{about}" if about else kind, group)

        return files

    def figure_measures(self, wildcards: Any) -> list[str]:
        """Measures, or lists of them, for the figures that read them."""
        return self.read("figures", "measures") if self._plan.reads_measures(wildcards) else []

    def read(self, collection: str, *groups: str) -> list[str]:
        """What a job is given of groups of files."""
        parts = self._parts(collection)
        if parts is None:
            return list(chain(*map(self._groups(collection).__getitem__, groups)))
        return [self._path(collection, name) for name in parts if name.partition(".")[0] in groups]

    def files(self, wildcards: Any) -> list[str]:
        """Inputs of the rule `gather`: what a list has."""
        return (self._parts(wildcards.collection) or {})[wildcards.part]

    def lists(self) -> Iterator[tuple[str, str, list[str]]]:
        """(what tells it from others, path, files) of every list of the study."""
        for collection in self._collections():
            for name, files in (self._parts(collection) or {}).items():
                yield f"{collection}/{name}", self._path(collection, name), files

    def _collections(self) -> Iterator[str]:
        plan = self._plan
        for dataset in plan.run_datasets:
            yield f"runs.{dataset}"
            yield from ["curves." + dataset] if plan.curves.table(dataset) else []
            for kind, of_seeds in (("between", plan.between), ("retest", plan.retest)):
                yield from (f"{kind}.{cells}" for cells in of_seeds.parts(dataset))
        yield from ("tables", "figures")

    def _path(self, collection: str, name: str) -> str:
        return f"{self._folder}/{collection}/{name}{SUFFIX}"

    def _divided(self, collection: str) -> dict[str, list[str]] | None:
        """Files by `<group>.<bits>`; None where a job is given the files themselves."""
        groups = self._groups(collection)
        if fits(chain(*groups.values())):
            return None
        parts = ((group, divided({path: [path] for path in files})) for group, files in groups.items() if files)
        return {f"{group}.{bits or 'all'}": own for group, found in parts for bits, own in found.items()}

    def _groups(self, collection: str) -> Groups:
        kind, _, about = collection.partition(".")
        return self._kinds[kind](SimpleNamespace(dataset=about, cells=about))

    def _of_runs(self, given: Any) -> Groups:
        plan = self._plan
        groups = {"measures": plan.measures(given), "predictions": plan.predictions(given)}
        return groups | {"between": plan.between.table(given), "retest": plan.retest.table(given)}

    def _of_curves(self, given: Any) -> Groups:
        curves = self._plan.curves
        groups = {"measures": curves.measures(given), "predictions": curves.predictions(given)}
        return {**groups, "between": curves.between(given)}

    def _of_models(self, given: Any) -> Groups:
        between = self._plan.between
        groups = {"models": between.models(given), "specs": between.specs(given)}
        return {**groups, "bases": between.base_files(given)}

    def _of_attributions(self, given: Any) -> Groups:
        retest = self._plan.retest
        return {"attributions": retest.attributions(given), "specs": retest.specs(given)}

    def _of_tables(self, given: Any) -> Groups:
        plan = self._plan
        groups = {"statistics": plan.statistics(), "comparisons": plan.comparisons(), "agreement": plan.agreement()}
        groups |= {"curves": plan.curve_tables()}
        return groups | {file: [f"results/runs/{run}/{file}.json" for run in plan.runs] for file in ("spec", "metrics")}

    def _of_figures(self, given: Any) -> Groups:
        return {"measures": sorted(self._plan.measures())}
