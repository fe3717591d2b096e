"""Stage `report`: a zip file with a browsable page, its figures and the tables behind it."""

import json
from pathlib import Path
from typing import Any

from attnexplain.figures.report.archive import write_zip
from attnexplain.figures.report.content import content
from attnexplain.figures.report.page import render
from attnexplain.tables import replication as replication_table
from attnexplain.tables import runs as runs_table
from attnexplain.tables import statistics as statistics_table
from attnexplain.tables.io import read_table

TABLES = {
    "replication": replication_table.SCHEMA,
    "runs": runs_table.SCHEMA,
    "statistics": statistics_table.SCHEMA,
}

_TEXT = (".csv", ".md", ".tex")  # tables that people open


def run(
    *,
    settings: dict[str, Any],
    tables: Path,
    figures: list[Path],
    runs: Path,
    datasets: list[Path],
    tokens: list[Path],
    output: Path,
    provenance: dict[str, Any],
) -> None:
    """Write `output` (report.zip): index.html, figures/*.svg and *.csv, tables as csv, Markdown and LaTeX.

    Of `runs`, the spec.json of the study's runs is read. `provenance` stays out of the archive: the same inputs are
    the same bytes.
    """
    frames = {name: read_table(tables / f"{name}.parquet", schema).to_pandas() for name, schema in TABLES.items()}
    files = _files(tables, figures)
    specs = [runs / name / "spec.json" for name in frames["runs"]["run"].dropna()]
    page = render(
        content(
            settings=settings,
            tables=frames,
            specs=[_read(path) for path in specs if path.is_file()],
            datasets=[_read(path) for path in datasets],
            tokens=[_read(path) for path in tokens],
            figures=figures,
            files=sorted(name for name in files if name.startswith("tables/")),
        )
    )
    write_zip(output, {**files, "index.html": page.encode("utf-8")})


def _files(tables: Path, figures: list[Path]) -> dict[str, bytes]:
    found = {f"tables/{path.name}": path for path in sorted(tables.iterdir()) if path.suffix in _TEXT}
    for figure in figures:
        paths = (figure, figure.with_suffix(".csv"))
        found |= {f"figures/{path.name}": path for path in paths if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items()}


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
