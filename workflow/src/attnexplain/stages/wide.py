"""Stage: a study's statistics as a wide table, for programs (csv) and for people (Markdown, LaTeX)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attnexplain.figures.style import style_of
from attnexplain.pages.wide import latex, machine, markdown
from attnexplain.pages.wide.measures import wide
from attnexplain.pages.wide.sections import blocks, marks_of
from attnexplain.tables import statistics as statistics_table
from attnexplain.tables.io import read_table


def run(*, settings: Mapping[str, Any], tables: Path, output: Path, provenance: Mapping[str, Any]) -> None:
    """Write `output`.csv, .md and .tex from the statistics in the folder `tables`; nothing is computed anew.

    `provenance` stays out of the files: the same numbers are the same bytes.
    """
    table = wide(read_table(tables / "statistics.parquet", statistics_table.SCHEMA).to_pandas())
    marks = marks_of(table, settings["confidence"])
    found = list(blocks(table, marks, style_of(settings)))
    csv = machine.frame(table).to_csv(index=False, float_format="%.6g", lineterminator="\n")
    _write(output.with_suffix(".csv"), csv)
    _write(output.with_suffix(".md"), markdown.page(settings["study"], found, marks))
    _write(output.with_suffix(".tex"), latex.document(settings["study"], found, marks))


def _write(path: Path, text: str) -> None:
    """The whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.tmp")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
