"""The part of the plan that is about results of what is finished: what the rule `partial` is given."""

import json
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from attnexplain import registry
from attnexplain.config.plugins import canonical
from attnexplain.plan.capacity import FOLDER
from attnexplain.plan.identity import digest
from attnexplain.plan.jobs import jobs_of
from attnexplain.plan.study_plan import StudyPlan


class PartialPlan:
    """Params functions of the rule. It has no inputs: as inputs, files that are not finished would be made."""

    def __init__(self, plan: StudyPlan) -> None:
        self._plan = plan

    def file(self, wildcards: Any) -> str:
        """A file with the jobs and settings of the study; written here, since a command line may be too short."""
        path = FOLDER / f"partial-{self._plan.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(canonical(self._content), encoding="utf-8")
        return str(path)

    def finished(self, wildcards: Any) -> str:
        """Digest of the settings and of how every job stands: another one, and the results are made anew."""
        stand = [(one.job.name, one.state, one.reason, _written(one.job.name)) for one in self._states.values()]
        return digest([self._content, stand], 12)

    def code(self, wildcards: Any) -> str:
        """Code of the job."""
        study = self._plan.study
        plugins = [*(metric.module for metric in study.metrics), study.statistics.interval.module]
        plugins += [registry.module("figure", name) for name in self._plan.figures]
        return self._plan.code_of("partial", plugins)

    @cached_property
    def _jobs(self) -> list[Any]:
        return jobs_of(self._plan)

    @cached_property
    def _states(self) -> dict[str, Any]:
        from attnexplain.jobs.states import states  # here: every Snakemake call imports the plan, this needs pyarrow

        return states(self._jobs)

    @cached_property
    def _content(self) -> dict[str, Any]:
        plan = self._plan
        return {
            "study": plan.name,
            "jobs": [job.as_json() for job in self._jobs],
            "runs": {run: self._run(run, spec) for run, spec in plan.runs.items()},
            "metrics": json.loads(plan.metrics_spec(None)),
            "datasets": {dataset: self._dataset(dataset) for dataset in plan.run_datasets},
            "tables": json.loads(plan.tables_settings()),
            "figure": json.loads(plan.figure_settings()),
            "figures": {name: plan.figure_texts(SimpleNamespace(figure=name)) for name in plan.figures},
        }

    def _dataset(self, dataset: str) -> dict[str, Any]:
        """Settings of the stages of a data set, and the tables that statistics read beside measures."""
        plan, given = self._plan, SimpleNamespace(dataset=dataset)
        settings = {"statistics": plan.statistics_settings, "curve": plan.curve_settings}
        settings |= {"contrast": plan.contrast_settings, "agreement": plan.agreement_settings}
        return {
            "settings": {stage: json.loads(of_stage(given)) for stage, of_stage in settings.items()},
            "between": [*plan.between.table(given), *plan.retest.table(given)],
            "annotators": plan.annotators.table(given),
            "curve": {
                "made": [*plan.curves.table(dataset), *plan.curves.areas(given)],
                "runs": [Path(path).stem for path in plan.curves.measures(given)],
                "between": plan.curves.between(given),
            },
        }

    def _run(self, run: str, spec: dict[str, Any]) -> dict[str, Any]:
        given = SimpleNamespace(run=run)
        return {
            "dataset": spec["slug"]["dataset"],
            "slug": spec["slug"],
            "seed": spec["seed"],
            "model": f"results/runs/{run}/spec.json",
            "measures": f"{self._plan.folder}/measures/{run}.parquet",
            "tokens": self._plan.test_tokens(given),
            "disclose": bool(self._plan.disclosure(given)),
        }


def _written(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0
