"""Command `findings`: from a finished study a page that says what its models cost and gain, with its figures."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from attnexplain.errors import ResultError
from attnexplain.pages.findings.page import page, pictured
from attnexplain.pages.findings.study import Study, lone_labels, variant_labels
from attnexplain.tables import agreement as agreement_table
from attnexplain.tables import comparisons as comparisons_table
from attnexplain.tables import gains as gains_table
from attnexplain.tables import runs as runs_table
from attnexplain.tables import statistics as statistics_table
from attnexplain.tables.io import read_metadata, read_table

SCHEMAS = {
    "agreement": agreement_table.SCHEMA,
    "comparisons": comparisons_table.SCHEMA,
    "gains": gains_table.SCHEMA,
    "runs": runs_table.SCHEMA,
    "statistics": statistics_table.SCHEMA,
}


def run(*, study: Path, output: Path, planned: Sequence[str] = ()) -> None:
    """Write the page `output` (Markdown), and its figures into a folder of the same name beside it.

    `study`: folder of a finished study, `results/studies/<study>`; `planned`: data sets of the study in full, where it
    is a part of one. The page says which of them were not run.
    """
    found = read_study(study, planned)
    output.parent.mkdir(parents=True, exist_ok=True)
    drawn = {name: study / "figures" / f"{name}.png" for name in pictured(found)}
    places = {name: _copied(path, output) for name, path in drawn.items() if path.is_file()}
    output.write_text(page(found, places), encoding="utf-8")


def read_study(folder: Path, planned: Sequence[str] = ()) -> Study:
    """The tables of a finished study, and names of its variants from the specifications of its runs."""
    if not (folder / "tables").is_dir():
        raise ResultError(
            f"{folder}: no finished study; give a folder results/studies/<study> whose tables are written"
        )
    paths = {name: folder / "tables" / f"{name}.parquet" for name in SCHEMAS}
    tables = {name: read_table(paths[name], schema).to_pandas() for name, schema in SCHEMAS.items()}
    about = read_metadata(pq.read_schema(paths["statistics"]))
    specs = _plugins(folder.resolve().parent.parent / "runs", tables["runs"]["run"].dropna())
    return Study(
        name=folder.resolve().name,
        **tables,
        confidence=about.get("confidence", 0.95),
        labels={**lone_labels(tables["statistics"]["method"].dropna()), **variant_labels(specs)},
        libraries=about.get("libraries", {}),
        unrun=[name for name in planned if name not in set(tables["runs"]["dataset"])],
    )


def _plugins(runs: Path, names: Any) -> Iterator[dict[str, Any]]:
    """Specifications of the plug-ins of the study's models, as far as their runs are at hand."""
    for path in (runs / name / "spec.json" for name in names):
        if path.is_file():
            spec = json.loads(path.read_text(encoding="utf-8"))
            yield from (spec["encoder"], spec["attention"], spec["normaliser"], *spec["regulariser"])


def _copied(figure: Path, output: Path) -> str:
    """Copy a figure into the page's folder; returns its place relative to the page."""
    folder = output.with_suffix("")
    folder.mkdir(exist_ok=True)
    shutil.copyfile(figure, folder / figure.name)
    return f"{folder.name}/{figure.name}"
