"""The one form that every source and reader ends in: a table of `tables.dataset.SCHEMA`, checked row by row.

A row is a dict with `example_id`, `text` and any other column of the schema. Its `label` is an index into
the classes, a class name, or text that spells an index; a name wins over an index, so the classes
["1", "2", "3", "4"] read the label "1" as index 0.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from attnexplain.errors import DataError, nearest
from attnexplain.tables.dataset import SCHEMA
from attnexplain.tables.io import conform

_MOST_ANNOTATORS = 2**15 - 1  # the table holds 16 bits
_BLOCK = 1000  # rows


def example_id(split: str, row: int) -> str:
    """A stable identifier: the split an example was published in and its row (from 1) in the original file."""
    return f"{split}-{row:05d}"


def to_table(rows: Sequence[Mapping[str, Any]], classes: Sequence[str], where: str) -> pa.Table:
    """Rows as a table of the schema, labels as class indices; `where` names the origin in messages."""
    seen: set[str] = set()
    checked = []
    for number, row in enumerate(rows, start=1):
        try:
            checked.append(_checked(row, classes, f"{where}, example {row.get('example_id')}", seen))
        except DataError as error:
            public = f"{where}, row {number}: {error.public}"
            raise DataError(str(error), public) from error
    columns = {name: [row.get(name) for row in checked] for name in SCHEMA.columns.names}
    arrays = [_array(columns[field.name], field.type) for field in SCHEMA.columns]
    return conform(pa.Table.from_arrays(arrays, names=SCHEMA.columns.names), SCHEMA)


def _array(values: list[Any], kind: pa.DataType) -> pa.ChunkedArray:
    """In blocks: the builder of one large column asks for up to twice its size."""
    blocks = [pa.array(values[start : start + _BLOCK], kind) for start in range(0, len(values), _BLOCK)]
    return pa.chunked_array(blocks, kind)


def _checked(row: Mapping[str, Any], classes: Sequence[str], at: str, seen: set[str]) -> dict[str, Any]:
    identifier = row["example_id"]
    if not isinstance(identifier, str):
        raise DataError(f"{at}: the identifier is no text.", "the identifier is no text.")
    if identifier in seen:
        problem = "the identifier occurs twice; make it unique."
        raise DataError(f"{at}: {problem}", problem)
    seen.add(identifier)
    _check_text(row, at)
    _check_evidence(row, at)
    return {**row, "label": class_index(row.get("label"), classes, at)}


def class_index(label: Any, classes: Sequence[str], where: str) -> int | None:
    """The index of a label; None stays None (a data set without labels)."""
    if label is None:
        return None
    text = str(label)
    if not isinstance(label, int) and text in classes:
        return list(classes).index(text)
    index = int(text) if text.isdecimal() else -1
    if not 0 <= index < len(classes):
        hidden = " (-1 marks hidden labels: GLUE's test split has none)" if text == "-1" else ""
        raise DataError(
            f"{where}: label {text!r} is none of the {len(classes)} classes{hidden}. {nearest(text, classes)}",
            f"the label is none of the {len(classes)} classes ({', '.join(classes)}).",
        )
    return index


def _check_text(row: Mapping[str, Any], where: str) -> None:
    for name, optional in (("text", False), ("text_pair", True)):
        value = row.get(name)
        if not (isinstance(value, str) or (optional and value is None)):
            problem = "not a text; correct or remove the row."
            raise DataError(f"{where}: {name} is {value!r}, {problem}", f"{name} is {problem}")
    for name in ("example_id", "text", "text_pair", "answer"):
        if _half_character(row.get(name)):
            problem = f"{name} holds half a character (a lone surrogate), which no file can hold; correct the row."
            raise DataError(f"{where}: {problem}", problem)


def _half_character(value: Any) -> bool:
    """Whether a text cannot be written as UTF-8: JSON's escapes can spell one half of a pair, such as `\\ud83d`."""
    try:
        return isinstance(value, str) and not value.isascii() and not value.encode()
    except UnicodeEncodeError:
        return True


def _check_evidence(row: Mapping[str, Any], where: str) -> None:
    for span in row.get("evidence") or []:
        if span["segment"] not in (0, 1):
            problem = f"evidence segment {span['segment']} is neither 0 (text) nor 1 (text_pair)."
            raise DataError(f"{where}: {problem}", problem)
        if not 0 <= span["annotator"] <= _MOST_ANNOTATORS:
            problem = f"annotator {span['annotator']} is not a number from 0 to {_MOST_ANNOTATORS}; number them anew."
            raise DataError(f"{where}: {problem}", problem)
        text = row["text"] if span["segment"] == 0 else row.get("text_pair")
        if text is None or not 0 <= span["start"] <= span["end"] <= len(text):
            problem = "lies outside the text; give character offsets into it."
            raise DataError(f"{where}: evidence {dict(span)} {problem}", f"evidence {problem}")
        if not 0 <= span["weight"] <= 1:
            problem = f"evidence weight {span['weight']} is not in [0, 1]."
            raise DataError(f"{where}: {problem}", problem)
