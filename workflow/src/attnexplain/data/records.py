"""Records (column -> value) of CSV, TSV and JSON lines, each with the line it starts on; errors name file and line."""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from attnexplain.errors import DataError


def style(kind: str, separator: str | None, quoting: bool | None) -> dict[str, Any]:
    """Keywords of `csv.reader`."""
    separator = separator or ("," if kind == "csv" else "\t")
    if len(separator) != 1 or separator in '"\r\n':
        message = f'separator {separator!r}: give one character that is no quotation mark or line break (tab: "\\t").'
        raise DataError(message, message)
    quoted = kind == "csv" if quoting is None else quoting
    return {"delimiter": separator, **({"strict": True} if quoted else {"quoting": csv.QUOTE_NONE})}


def separated(
    path: Path, file: IO[str], keywords: dict[str, Any], header: bool
) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, record) of each row; the line is the first of its lines, `keywords` are those of `csv.reader`."""
    csv.field_size_limit(sys.maxsize)  # the default refuses texts beyond 128 KiB
    reader = csv.reader(file, **keywords)
    names: list[str] | None = None
    line = 1
    try:
        for fields in reader:
            if names is None:
                names = _names(fields, header, path)
                if header:
                    line = reader.line_num + 1
                    continue
            if fields:
                _check_width(fields, names, f"{path}, line {line}")
                yield line, dict(zip(names, fields, strict=True))
            line = reader.line_num + 1
    except csv.Error as error:
        message = (
            f"{path}, line {reader.line_num}: malformed CSV ({error}) in the record that starts on line {line}; "
            "correct its quoting, or set option `quoting` to false."
        )
        raise DataError(message, message) from error


def _names(fields: list[str], header: bool, path: Path) -> list[str]:
    if not header:
        return [str(number) for number in range(1, len(fields) + 1)]
    twice = [name for name in fields if name and fields.count(name) > 1]
    if twice:
        raise DataError(f"{path}, line 1: two columns are named {twice[0]!r}; rename one, or set `header` to false.")
    return fields


def _check_width(fields: list[str], names: list[str], where: str) -> None:
    if len(fields) != len(names):
        message = (
            f"{where}: {len(fields)} fields where the header has {len(names)}; "
            "quote separators inside a text (CSV) or remove them (TSV), or set option `separator`."
        )
        raise DataError(message, message)


def json_lines(path: Path, file: IO[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, record) of each line that is not blank."""
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            record = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            message = f"{where}: malformed or truncated JSON ({error})."
            raise DataError(message, message) from error
        if not isinstance(record, dict):
            message = f"{where}: expected a JSON object per line, found {type(record).__name__}."
            raise DataError(message, message)
        yield number, record
