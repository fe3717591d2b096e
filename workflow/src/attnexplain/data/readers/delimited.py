"""A user's own data: CSV, TSV (tabs, no quoting) or JSON lines, each also gzipped.

Files: `train`, and `dev` and `test` where they exist; a missing one is drawn from `train`, stratified by label.
Labels are class names of the registry entry or indices into them, or what the option `labels` lists. Evidence is one of

    spans    a list of `{"start": 3, "end": 7}` in characters, with `weight` (1), `segment` (0; 1 is the second text)
             and `annotator` (0), or of `[3, 7]`; in CSV and TSV the same as JSON text
    tokens   a list of indices of whitespace tokens, from 0; in CSV and TSV `3 4 9` or JSON text
    marked   the text with the evidence between marks: `a *very good* film`

and a list of such values is the evidence of several annotators.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnexplain.data.canonical import example_id
from attnexplain.data.columns import Columns
from attnexplain.data.missing_splits import draw_missing
from attnexplain.data.records import json_lines, separated, style
from attnexplain.data.text_files import opened
from attnexplain.errors import DataError

FACTS = {
    "name": "delimited",
    "title": "CSV, TSV or JSON lines",
    "citation": "",
    "needs": [],
    "options": {
        "text": {"type": "string", "default": "text", "description": "Column of the (first) text."},
        "text_pair": {
            "type": "string",
            "default": None,
            "nullable": True,
            "description": "Column of the second text, if any.",
        },
        "label": {
            "type": "string",
            "default": "label",
            "description": "Column of the label: a class name or its index, or as in `labels`.",
        },
        "labels": {
            "type": "string",
            "default": None,
            "nullable": True,
            "description": "The data's labels in the order of the classes, where they are spelled otherwise:"
            " `neg, pos`; several for one class: `1|2, 4|5`.",
        },
        "example_id": {
            "type": "string",
            "default": None,
            "nullable": True,
            "description": "Column of the identifiers, if any; without it they are the split and the row.",
        },
        "evidence": {
            "type": "string",
            "default": None,
            "nullable": True,
            "description": "Column of the evidence in the first text (spans: in either), if any.",
        },
        "evidence_pair": {
            "type": "string",
            "default": None,
            "nullable": True,
            "description": "Column of the evidence in the second text, if any.",
        },
        "evidence_form": {
            "type": "string",
            "default": "spans",
            "enum": ["spans", "tokens", "marked"],
            "description": "How evidence is written: character spans, indices of whitespace tokens, or a marked copy"
            " of the text (or the text's own column).",
        },
        "evidence_mark": {
            "type": "string",
            "default": "*",
            "description": "What stands around marked evidence: `*`, or what opens and what closes it, `[ ]`.",
        },
        "format": {
            "type": "string",
            "default": None,
            "nullable": True,
            "enum": ["csv", "tsv", "jsonl"],
            "description": "What the files are; null goes by their names.",
        },
        "encoding": {"type": "string", "default": "utf-8", "description": "Encoding of the files, as Python names it."},
        "separator": {
            "type": "string",
            "default": None,
            "nullable": True,
            "description": "One character between two columns; null is a comma in CSV, a tab in TSV.",
        },
        "quoting": {
            "type": "boolean",
            "default": None,
            "nullable": True,
            "description": "Whether quotation marks enclose fields; null is true in CSV, false in TSV.",
        },
        "header": {
            "type": "boolean",
            "default": True,
            "description": "Whether the first line names the columns; without it they are `1`, `2`, ...",
        },
        "dev_fraction": {
            "type": "number",
            "default": 0.1,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of train that becomes dev where there is no dev.",
        },
        "test_fraction": {
            "type": "number",
            "default": 0.2,
            "exclusiveMinimum": 0,
            "maximum": 0.4,
            "description": "Share of train that becomes test where there is no test.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of those two draws."},
    },
}

_KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def read(
    files: dict[str, Path],
    *,
    format: str | None,
    encoding: str,
    separator: str | None,
    quoting: bool | None,
    header: bool,
    dev_fraction: float,
    test_fraction: float,
    split_seed: int,
    **columns: Any,
) -> dict[str, list[dict]]:
    """Split -> rows; identifiers are `<file>-<row from 1>`, kept where a row moves to another split."""
    wanted = Columns(**columns)
    splits = {}
    for split, path in files.items():
        kind = format or _kind(path)
        with opened(path, encoding) as file:
            if kind == "jsonl":
                records = json_lines(path, file)
            else:
                records = separated(path, file, style(kind, separator, quoting), header)
            splits[split] = list(_rows(records, path, split, wanted))
    return draw_missing(splits, {"test": test_fraction, "dev": dev_fraction}, split_seed)


def _rows(
    records: Iterator[tuple[int, dict[str, Any]]], path: Path, split: str, columns: Columns
) -> Iterator[dict[str, Any]]:
    for number, (line, record) in enumerate(records, start=1):
        yield columns.row(record, f"{path}, line {line}", example_id(split, number))


def _kind(path: Path) -> str:
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if suffix not in _KINDS:
        message = (
            f"{path}: unknown form {suffix!r}; set option `format`, or name the file .csv, .tsv or .jsonl (also .gz)."
        )
        raise DataError(message, message)
    return _KINDS[suffix]
