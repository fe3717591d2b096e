"""The part of the plan that is about annotators of evidence: what the rule `annotators` is given, per data set."""

from collections.abc import Callable, Mapping
from typing import Any

from attnexplain.config.plugins import canonical
from attnexplain.config.study import Study
from attnexplain.provenance import Sources

Spec = dict[str, Any]


class AnnotatorsPlan:
    """Input and params functions; its jobs are the data sets with runs, where a metric of the study needs evidence."""

    def __init__(
        self,
        study: Study,
        folder: str,
        runs: Mapping[str, Spec],
        tokens_folder: Callable[[Spec], str],
        code: Sources,
    ) -> None:
        self._study, self._folder, self._runs = study, folder, runs
        self._tokens_folder, self._code = tokens_folder, code
        self._metrics = [metric for metric in study.metrics if "evidence" in metric.facts["needs"]]

    def table(self, wildcards: Any) -> list[str]:
        """The table of a data set; none where no metric of the study needs evidence."""
        return [f"{self._folder}/annotators/{wildcards.dataset}.parquet"] if self._metrics else []

    def dataset(self, wildcards: Any) -> str:
        """What is known of the data set."""
        return f"resources/datasets/{self._tokens(wildcards).partition('/')[0]}/dataset.json"

    def split(self, wildcards: Any) -> str:
        """The test split, which has the annotators' spans."""
        return f"resources/datasets/{self._tokens(wildcards).partition('/')[0]}/test.parquet"

    def tokens(self, wildcards: Any) -> str:
        """Tokens of the test split; the runs of a data set share them."""
        return f"resources/tokens/{self._tokens(wildcards)}/test.parquet"

    def metrics(self, wildcards: Any) -> str:
        """Specifications of the study's metrics that need evidence."""
        return canonical([metric.spec() for metric in self._metrics])

    def disclosure(self, wildcards: Any) -> str:
        """The option by which the table keeps the identifiers of a credentialed data set."""
        return "--disclose" if wildcards.dataset in self._study.disclose else ""

    def code(self, wildcards: Any) -> str:
        """Code of a job: its metrics."""
        return self._code.code_digest(["attnexplain.stages.annotators", *(metric.module for metric in self._metrics)])

    def _tokens(self, wildcards: Any) -> str:
        specs = (spec for spec in self._runs.values() if spec["slug"]["dataset"] == wildcards.dataset)
        return self._tokens_folder(next(specs))
