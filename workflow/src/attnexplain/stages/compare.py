"""Command `compare`: what changed between two result sets beyond noise, and what they were made with."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from attnexplain.errors import ResultError
from attnexplain.pages.changes import Comparison, page
from attnexplain.stages.result_set import Cell, ResultSet, read_json, read_result_set
from attnexplain.statistics.changes import Name, Pairs, changes
from attnexplain.tables.io import read_metadata

LOGGER = logging.getLogger(__name__)
_NAMES = ["metric", "method", "method_b"]


def run(*, first: Path, second: Path, output: Path | None = None) -> Comparison:
    """Compare two result sets; with `output` the whole page is written there, and all rows as csv beside it."""
    a, b = read_result_set(first), read_result_set(second)
    found = compared(a, b)
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page(found), encoding="utf-8")
        found.rows.to_csv(output.with_suffix(".csv"), index=False, float_format="%.6g", lineterminator="\n")
    return found


def compared(a: ResultSet, b: ResultSet) -> Comparison:
    """All rows of both, and in what the two differ otherwise."""
    first, second = a.statistics, b.statistics
    if a.confidence != b.confidence:  # limits of different levels say nothing about a difference
        first, second = (table.assign(ci_low=None, ci_high=None) for table in (first, second))
    rows = changes(first, second, _pairs(a, b), a.confidence)
    if set(rows["status"]) <= {"only-a", "only-b"}:
        datasets = (", ".join(sorted(set(one.statistics["dataset"]))) for one in (a, b))
        raise ResultError(
            "{} and {} have no cell and metric in common: data sets {} and {}".format(a.name, b.name, *datasets)
        )
    return Comparison((a.name, b.name), rows, a.confidence, list(_made_with(a, b)), _specifications(a, b))


def _pairs(a: ResultSet, b: ResultSet) -> Callable[[Cell], Pairs]:
    """Values of both sides of a cell, where both have its measures, under the same seeds."""
    place = count(1)

    def of_cell(cell: Cell) -> Pairs:
        LOGGER.info("comparing cell %d of at most %d: %s", next(place), len(a.runs), ", ".join(cell))
        if a.runs.get(cell, {}).keys() != b.runs.get(cell, {}).keys():
            return {}
        groups = [_by_name(one.values(cell)) for one in (a, b)]
        return {name: (groups[0][name], groups[1][name]) for name in groups[0].keys() & groups[1].keys()}

    return of_cell


def _by_name(values: pd.DataFrame) -> dict[Name, pd.DataFrame]:
    return {(str(m), str(one), str(two)): group for (m, one, two), group in values.groupby(_NAMES, sort=False)}


def _made_with(a: ResultSet, b: ResultSet) -> Iterator[tuple[str, str, str]]:
    """(what, in A, in B) of code, libraries, devices and versions, where the two differ; all values of many runs."""
    facts = [_facts(one) for one in (a, b)]
    for what in sorted(facts[0].keys() | facts[1].keys()):
        texts = [", ".join(sorted(found.get(what, ()))) or "not known" for found in facts]
        if texts[0] != texts[1]:
            yield what, texts[0], texts[1]


def _facts(one: ResultSet) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    _add(found, "tables", one.about)
    for run in (run for seeds in one.runs.values() for run in seeds.values()):
        if one.measures(run).is_file():
            _add(found, "measures", read_metadata(pq.read_schema(one.measures(run))))
        _add(found, "training", read_json(one.run_folder(run) / "performance.json"))
        predictions = one.run_folder(run) / "predictions.parquet"
        if predictions.is_file():
            found["training: code"].add(str(read_metadata(pq.read_schema(predictions)).get("code")))
    return found


def _add(found: dict[str, set[str]], what: str, about: Mapping[str, Any]) -> None:
    """Code digest, schema version, level, device and versions of libraries."""
    for name in ("code", "schema_version", "confidence", "device"):
        if name in about:
            found[f"{what}: {name.replace('_', ' ')}"].add(str(about[name]))
    for library, version in {**about.get("libraries", {}), **about.get("versions", {})}.items():
        found[f"{what}: {library}"].add(str(version))


def _specifications(a: ResultSet, b: ResultSet) -> dict[tuple[str, str, str], int]:
    """(option, in A, in B) of runs of the same cell and seed, with the number of runs that differ so."""
    found: dict[tuple[str, str, str], int] = defaultdict(int)
    for cell, seeds in a.runs.items():
        for seed in seeds.keys() & b.runs.get(cell, {}).keys():
            run, other = seeds[seed], b.runs[cell][seed]
            flat = [_flat(read_json(one.run_folder(name) / "spec.json")) for one, name in ((a, run), (b, other))]
            if run == other or not all(flat):
                continue
            for option in sorted(flat[0].keys() | flat[1].keys()):
                values = [str(options.get(option, "not there")) for options in flat]
                if values[0] != values[1]:
                    found[(option, values[0], values[1])] += 1
    return dict(found)


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Nested mappings as `training.epochs`; the run's id is left out, since it follows from the rest."""
    if not isinstance(value, Mapping):
        return {name: value}
    parts = [_flat(inner, f"{name}.{key}" if name else str(key)) for key, inner in value.items() if key != "run"]
    return {key: inner for part in parts for key, inner in part.items()}
