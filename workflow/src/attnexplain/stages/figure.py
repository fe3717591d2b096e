"""Stage `figure`: draw one figure from finished tables, as svg, png and the plotted numbers as csv."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from attnexplain.errors import ResultError
from attnexplain.figures.save import save
from attnexplain.registry import facts, load
from attnexplain.stages.figure_measures import read_experiments, read_measures
from attnexplain.stages.figure_texts import read_texts
from attnexplain.statistics.agreement_differences import differences
from attnexplain.tables import agreement as agreement_table
from attnexplain.tables import comparisons as comparisons_table
from attnexplain.tables import curves as curves_table
from attnexplain.tables import gains as gains_table
from attnexplain.tables import replication as replication_table
from attnexplain.tables import runs as runs_table
from attnexplain.tables import statistics as statistics_table
from attnexplain.tables.io import read_table

TABLES = {
    "agreement": agreement_table.SCHEMA,
    "comparisons": comparisons_table.SCHEMA,
    "curves": curves_table.SCHEMA,
    "gains": gains_table.SCHEMA,
    "replication": replication_table.SCHEMA,
    "runs": runs_table.SCHEMA,
    "statistics": statistics_table.SCHEMA,
}
# What is read of the study's runs, under the figure's FACTS of that name.
OF_RUNS: dict[str, Callable[[list[Path], Path, dict[str, Any]], pd.DataFrame]] = {
    "measures": read_measures,
    "experiments": read_experiments,
    "texts": read_texts,
}
# What statistics make of the measures that are read, before anything is drawn.
DERIVED: dict[str, Callable[[pd.DataFrame, float], pd.DataFrame]] = {"differences": differences}


def run(
    *,
    figure: str,
    settings: dict[str, Any],
    tables: Path,
    measures: list[Path],
    texts: list[Path],
    runs: Path,
    output: Path,
    provenance: dict[str, Any],
) -> None:
    """Write `output`.svg, .png and .csv. Of `tables`, `measures` and `texts`, what the figure's FACTS name is read.

    `texts`: attributions and experiments of the runs whose single texts are shown; none for other figures.
    `provenance` stays out of the files: the same numbers are the same bytes, whichever code computed them.
    """
    about = facts("figure", figure)
    named = _named(about)
    found = {name: read_table(tables / f"{name}.parquet", TABLES[name]).to_pandas() for name in named if name in TABLES}
    for name in (name for name in named if name in OF_RUNS):
        found[name] = OF_RUNS[name](texts if name == "texts" else measures, runs, about[name])
    for name in (name for name in named if name in DERIVED):
        found[name] = DERIVED[name](found["measures"], settings["confidence"])
    drawn, plotted = load("figure", figure)(found, settings)
    save(drawn, plotted, output)


def _named(about: dict[str, Any]) -> list[str]:
    unknown = set(about["reads"]) - {*TABLES, *OF_RUNS, *DERIVED}
    if unknown:
        raise ResultError(f"figure {about['name']!r}: FACTS['reads'] names no table {sorted(unknown)}")
    return list(about["reads"])
