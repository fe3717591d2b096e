"""A user's own data: CSV, TSV (tabs, no quoting) or JSON lines, each also gzipped; UTF-8.

Files: `train`, and `dev` and `test` where they exist; a missing one is drawn from `train`, stratified by label.
Labels are class names of the registry entry or indices into them. Evidence is a JSON-lines field: a list of
`{"start": 3, "end": 7}` in characters, with `weight` (1), `segment` (0; 1 is the second text) and `annotator` (0).
"""

import csv
import gzip
import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from attnexplain.data.canonical import example_id
from attnexplain.data.stratify import stratified
from attnexplain.errors import DataError, nearest
from attnexplain.seeding import generator

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
            "description": "Column of the label: a class name or its index.",
        },
        "evidence": {
            "type": "string",
            "default": None,
            "nullable": True,
            "description": "Field of the evidence spans (JSON lines only), if any.",
        },
        "dev_fraction": {
            "type": "number",
            "default": 0.1,
            "exclusiveMinimum": 0,
            "maximum": 0.5,
            "description": "Share of the train file that becomes dev where there is no dev file.",
        },
        "test_fraction": {
            "type": "number",
            "default": 0.2,
            "exclusiveMinimum": 0,
            "maximum": 0.4,
            "description": "Share of the train file that becomes test where there is no test file.",
        },
        "split_seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of those two draws."},
    },
}

_SPAN = {"segment": 0, "annotator": 0, "weight": 1.0}


def read(
    files: dict[str, Path],
    *,
    text: str,
    text_pair: str | None,
    label: str,
    evidence: str | None,
    dev_fraction: float,
    test_fraction: float,
    split_seed: int,
) -> dict[str, list[dict]]:
    """Split -> rows; identifiers are `<file>-<row from 1>`, kept where a row moves to another split."""
    if "train" not in files:
        raise DataError(f"no `train` among the files ({', '.join(files)}); dev and test may be left out, train not.")
    columns = {"text": text, "text_pair": text_pair, "label": label, "evidence": evidence}
    wanted = {name: column for name, column in columns.items() if column is not None}
    splits = {split: _rows(path, split, wanted) for split, path in files.items()}
    sizes = {"test": test_fraction, "dev": dev_fraction}
    total = len(splits["train"])
    for split in (name for name in sizes if name not in files):
        size = round(sizes[split] * total)
        splits["train"], splits[split] = _divide(splits["train"], size, split, split_seed)
    return splits


def _divide(rows: list[dict], size: int, split: str, seed: int) -> tuple[list[dict], list[dict]]:
    labels = [str(row["label"]) for row in rows]
    drawn = set(stratified(labels, size, generator(seed, "split", split)))
    rest = [row for position, row in enumerate(rows) if position not in drawn]
    return rest, [rows[position] for position in sorted(drawn)]


def _rows(path: Path, split: str, columns: dict[str, str]) -> list[dict]:
    rows = []
    try:
        with _open(path) as file:
            for number, (line, record) in enumerate(_records(path, file), start=1):
                where = f"{path}, line {line}"
                rows.append({"example_id": example_id(split, number), **_row(record, columns, where)})
    except (UnicodeDecodeError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: truncated, corrupt or not UTF-8 ({error}); fetch or save it again.") from error
    return rows


def _open(path: Path) -> IO[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    return cast(IO[str], opened(path, "rt", encoding="utf-8-sig", newline=""))


def _records(path: Path, file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    kind = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if kind in {".jsonl", ".ndjson"}:
        return _json_lines(path, file)
    if kind in {".csv", ".tsv"}:
        return _separated(path, file, tabs=kind == ".tsv")
    raise DataError(f"{path}: unknown form {kind!r}; name the file .csv, .tsv or .jsonl, optionally with .gz.")


def _separated(path: Path, file: IO[str], tabs: bool) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(sys.maxsize)  # the default refuses texts beyond 128 KiB
    reader = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else csv.reader(file, strict=True)
    header: list[str] | None = None
    try:
        for fields in reader:
            if header is None:
                header = fields
            elif len(fields) != len(header) and fields:
                raise DataError(
                    f"{path}, line {reader.line_num}: {len(fields)} fields where the header has {len(header)}; "
                    "quote separators inside a text (CSV) or remove them (TSV)."
                )
            elif fields:
                yield reader.line_num, dict(zip(header, fields, strict=True))
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: malformed CSV ({error}); correct its quoting.") from error


def _json_lines(path: Path, file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(f"{path}, line {number}: malformed or truncated JSON ({error}).") from error
        if not isinstance(record, dict):
            raise DataError(f"{path}, line {number}: expected a JSON object per line, found {type(record).__name__}.")
        yield number, record


def _row(record: dict[str, Any], columns: dict[str, str], where: str) -> dict[str, Any]:
    row = {}
    for name, column in columns.items():
        if column not in record:
            raise DataError(f"{where}: no column {column!r}; set option `{name}`. {nearest(column, record)}")
        row[name] = record[column]
    for name in {"text", "text_pair"} & set(row):
        if not isinstance(row[name], str):
            raise DataError(f"{where}: column {columns[name]!r} is {row[name]!r}, not a text.")
    if row.get("evidence") is not None:
        row["evidence"] = _spans(row["evidence"], where)
    return row


def _spans(spans: Any, where: str) -> list[dict[str, Any]]:
    allowed = {"start", "end", *_SPAN}
    if not isinstance(spans, list) or not all(
        isinstance(span, dict) and {"start", "end"} <= set(span) <= allowed for span in spans
    ):
        raise DataError(
            f'{where}: evidence is a list of {{"start": int, "end": int}} with {", ".join(_SPAN)} optional.'
        )
    return [{**_SPAN, **span} for span in spans]
