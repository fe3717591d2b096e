"""Stage: results of what is finished of a study, while the rest runs, failed or is missing.

Files that are done (`jobs/states.py`) are read, others are not; nothing is written outside `partial/`. A run whose
measures are not made yet is measured here, on the attributions and experiments that it has. A model without any counts
with its accuracy.
"""

import json
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa

from attnexplain.jobs.job import Job
from attnexplain.jobs.records import RUNNING
from attnexplain.jobs.states import DONE, FAILED, KILLED, MEANINGS, MISSING, OUTDATED, QUEUED, State, states
from attnexplain.stages import agreement, contrast, curve, figure, measure, statistics, tables, wide
from attnexplain.stages.tables import write_csv
from attnexplain.tables import status as status_table
from attnexplain.tables.io import write_table

LOGGER = logging.getLogger(__name__)
PER_DATASET: Mapping[str, Callable[..., None]] = {
    "statistics": statistics.run,
    "contrast": contrast.run,
    "agreement": agreement.run,
}
_EXPLAINED = ("attributions", "experiments")  # folders of a run, and options of the stage `measure`
# Why a run has no results yet, by the state of its training.
_SAID = {
    DONE: "its measures could not be made; see the log",
    RUNNING: "its training is not finished",
    QUEUED: "its training has not begun",
    MISSING: "its training has not begun",
    FAILED: "its training failed",
    KILLED: "its training was killed",
    OUTDATED: "its training is of other code or data",
}


def run(*, plan: Path, runs: Path, output: Path, provenance: Mapping[str, Any]) -> None:
    """Write `output` (status.parquet and .csv), and beside it tables/ and figures/ of what is finished.

    `plan` is the JSON that the plan of the study wrote: its jobs and the settings of its stages.
    """
    planned = json.loads(plan.read_text(encoding="utf-8"))
    found = states(Job.from_json(raw) for raw in planned["jobs"])
    folder = output.parent
    making = folder / ".making"
    shutil.rmtree(making, ignore_errors=True)
    maker = _Maker(planned, found, runs, making, provenance)
    maker.make()
    for name in ("tables", "figures"):
        shutil.rmtree(folder / name, ignore_errors=True)
        if (making / name).is_dir():
            (making / name).replace(folder / name)
    shutil.rmtree(making, ignore_errors=True)
    rows = [_row(planned["study"], one, one.job.name in maker.taken) for one in found.values()]
    table = pa.Table.from_pylist(rows, status_table.SCHEMA.columns)
    write_csv(output.with_suffix(".csv"), table)
    write_table(output, table, status_table.SCHEMA, provenance)
    _say(found.values(), folder)


class _Maker:
    """The stages after the models, on what is finished; `taken` has the names of the jobs whose files were read."""

    def __init__(
        self,
        planned: Mapping[str, Any],
        found: Mapping[str, State],
        runs: Path,
        folder: Path,
        provenance: Mapping[str, Any],
    ) -> None:
        self._planned, self._found, self._runs, self._folder = planned, found, runs, folder
        self._provenance = {**provenance, "partial": True}
        self.taken: set[str] = set()

    def make(self) -> None:
        """Write measures, tables and figures."""
        measured = {run: path for run in self._trained() if (path := self._measures(run)) is not None}
        made: dict[str, list[Path]] = {stage: [] for stage in (*PER_DATASET, "curve")}
        for dataset, paths in self._by_dataset(measured):
            curves, areas = self._curve(dataset, measured)
            made["curve"] += curves
            for stage in PER_DATASET:
                made[stage] += self._tried(f"{stage} of {dataset}", self._of_dataset, stage, dataset, paths, areas)
        self._tables(made, list(measured))
        self._tried("wide tables", self._wide)
        for name in self._planned["figures"]:
            self._tried(f"figure {name}", self._figure, name, sorted(measured.values()))

    def _trained(self) -> Iterator[str]:
        return (run for run, about in self._planned["runs"].items() if self._take(about["model"]))

    def _take(self, name: str) -> bool:
        """Whether the files of a job may be read; they are then part of the results."""
        one = self._found.get(name)
        if one is None or one.state != DONE:
            return False
        self.taken.add(name)
        return True

    def _measures(self, run: str) -> Path | None:
        """The measures of a run; made here where they are not there."""
        about = self._planned["runs"][run]
        made = about["measures"]
        if self._take(made):
            return Path(made)
        needed = [name for name in self._found[made].job.needs if self._take(name)]
        parts = {name: [Path(one) for one in needed if Path(one).parent.name == name] for name in _EXPLAINED}
        output = self._folder / "measures" / f"{run}.parquet"
        chosen = {"metrics": self._planned["metrics"], "disclose": about["disclose"], **parts}
        written = self._tried(
            f"measures of {run}", self._write, measure.run, output, tokens=Path(about["tokens"]), **chosen
        )
        return written[0] if written else None

    def _by_dataset(self, measured: Mapping[str, Path]) -> Iterator[tuple[str, list[Path]]]:
        runs = self._planned["runs"]
        ordered = sorted(measured, key=lambda run: str(runs[run]["dataset"]))
        for dataset, group in groupby(ordered, key=lambda run: str(runs[run]["dataset"])):
            yield dataset, [measured[run] for run in group]

    def _of_dataset(self, stage: str, dataset: str, measures: list[Path], areas: list[Path]) -> list[Path]:
        about = self._planned["datasets"][dataset]
        given = {"settings": about["settings"][stage], "measures": measures, "areas": areas, "runs": self._runs}
        if stage == "statistics":
            given |= {name: self._finished(about[name]) for name in ("between", "annotators")}
        return self._write(PER_DATASET[stage], self._folder / stage / f"{dataset}.parquet", **given)

    def _finished(self, names: Sequence[str]) -> list[Path]:
        return [Path(name) for name in names if self._take(name)]

    def _curve(self, dataset: str, measured: Mapping[str, Path]) -> tuple[list[Path], list[Path]]:
        """The tables `curves` and `areas` of a data set; made here where they are not there."""
        about = self._planned["datasets"][dataset]["curve"]
        if not about["made"]:
            return [], []
        table, areas = about["made"]
        if self._take(table):
            return [Path(table)], [Path(areas)]
        own = self._folder / "areas" / f"{dataset}.parquet"
        own.parent.mkdir(parents=True, exist_ok=True)
        given = {
            "settings": self._planned["datasets"][dataset]["settings"]["curve"],
            "measures": [measured[run] for run in about["runs"] if run in measured],
            "between": self._finished(about["between"]),
            "runs": self._runs,
            "areas": own,
        }
        output = self._folder / "curves" / f"{dataset}.parquet"
        written = self._tried(f"curves of {dataset}", self._write, curve.run, output, **given)
        return written, [own] if written else []

    def _tables(self, made: Mapping[str, list[Path]], run_ids: list[str]) -> None:
        missing = [*self._planned["tables"]["missing"], *self._unfinished(run_ids)]
        names = {"statistics": made["statistics"], "comparisons": made["contrast"], "agreement": made["agreement"]}
        names["curves"] = made["curve"]
        settings = {**self._planned["tables"], "missing": missing}
        self._write(tables.run, self._folder / "tables", settings=settings, runs=self._runs, run_ids=run_ids, **names)

    def _unfinished(self, run_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Rows in the place of runs that have no results yet, with the reason."""
        for run, about in self._planned["runs"].items():
            if run not in run_ids:
                model = self._found[about["model"]]
                said = _SAID[model.state]
                reason = f"{said}: {model.reason}" if model.state == FAILED else said
                yield {**about["slug"], "seed": about["seed"], "missing_reason": reason}

    def _wide(self) -> list[Path]:
        """Pages for people, which say that they are of a part."""
        folder = self._folder / "tables"
        settings = {**self._planned["figure"], "study": f"{self._planned['study']} (partial)"}
        return self._write(wide.run, folder / "wide", settings=settings, tables=folder)

    def _figure(self, name: str, measures: list[Path]) -> list[Path]:
        given = {"settings": self._planned["figure"], "tables": self._folder / "tables", "runs": self._runs}
        texts = self._whole(self._planned["figures"][name])
        output = self._folder / "figures" / name
        return self._write(figure.run, output, figure=name, measures=measures, texts=texts, **given)

    def _whole(self, texts: Sequence[str]) -> list[Path]:
        """Files that single texts are read from, of those runs that have all of them."""
        of_runs = groupby(texts, key=lambda path: Path(path).parents[1].name)
        groups = [list(group) for _, group in of_runs]
        return [Path(path) for group in groups if all(map(self._take, group)) for path in group]

    def _write(self, stage: Callable[..., None], output: Path, **given: Any) -> list[Path]:
        output.parent.mkdir(parents=True, exist_ok=True)
        stage(**given, output=output, provenance=self._provenance)
        return [output]

    def _tried(self, what: str, make: Callable[..., list[Path]], *given: Any, **named: Any) -> list[Path]:
        """What `make` gives; nothing where it fails: half a study may lack what a stage needs."""
        try:
            return make(*given, **named)
        except Exception:
            LOGGER.exception("%s: left out", what)
            return []


def _row(study: str, one: State, is_taken: bool) -> dict[str, Any]:
    record = one.record
    return {
        "study": study,
        "rule": one.job.rule,
        "about": one.job.about,
        "state": one.state,
        "reason": one.reason or None,
        "output": one.job.name,
        "log": one.job.log,
        "host": record.host if record else None,
        "started": _moment(record.started if record else None),
        "ended": _moment(record.ended if record else None),
        "taken": is_taken,
    }


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def _say(found: Any, folder: Path) -> None:
    """One line of counts for the log and the terminal."""
    by_state = [one.state for one in found]
    counts = ", ".join(f"{by_state.count(state)} {state}" for state in MEANINGS if state in by_state)
    LOGGER.info("%s: of %d jobs %s; which, and why, is in status.csv", folder, len(by_state), counts)
