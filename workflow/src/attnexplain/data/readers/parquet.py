"""A user's own data in Parquet: one file per split; lists and structs of evidence as Parquet has them.

Files: `train`, and `dev` and `test` where they exist; a missing one is drawn from `train`, stratified by label. What
the options mean is described at the reader `delimited`.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from attnexplain.data.canonical import example_id
from attnexplain.data.columns import Columns
from attnexplain.data.missing_splits import draw_missing
from attnexplain.errors import DataError

FACTS = {
    "name": "parquet",
    "title": "Parquet",
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


def read(
    files: dict[str, Path], *, dev_fraction: float, test_fraction: float, split_seed: int, **columns: Any
) -> dict[str, list[dict]]:
    """Split -> rows; identifiers are `<file>-<row from 1>`, kept where a row moves to another split."""
    splits = {split: _rows(path, split, Columns(**columns)) for split, path in files.items()}
    return draw_missing(splits, {"test": test_fraction, "dev": dev_fraction}, split_seed)


def _rows(path: Path, split: str, columns: Columns) -> list[dict[str, Any]]:
    try:
        file = pq.ParquetFile(path)
        columns.check(file.schema_arrow.names, str(path))
        batches = file.iter_batches(1000, columns=sorted(set(columns.named.values())))
        records = (record for batch in batches for record in batch.to_pylist())
        return [
            columns.row(record, f"{path}, row {number}", example_id(split, number))
            for number, record in enumerate(records, start=1)
        ]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        message = f"{path}: truncated, corrupt or not Parquet ({type(error).__name__}); fetch or save it again."
        raise DataError(message, message) from error
