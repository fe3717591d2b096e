"""Reading and writing the project's Parquet tables: one schema per table, zstd, schema version in the metadata."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from attnexplain.errors import ResultError

METADATA_KEY = b"attnexplain"
_LIBRARIES = ("torch", "numpy", "pyarrow", "scipy", "pandas")


@dataclass(frozen=True)
class TableSchema:
    """Name, version and columns of one table. `extra` admits further columns (a method's quality columns)."""

    name: str
    version: int
    columns: pa.Schema
    extra: bool = False


def write_table(path: Path, rows: pa.Table, schema: TableSchema, provenance: Mapping[str, Any]) -> None:
    """Write `rows` atomically, cast to `schema`, with schema version and `provenance` in the file's metadata.

    Identical rows and provenance give identical bytes under one pyarrow version.
    """
    about = {"table": schema.name, "schema_version": schema.version, "libraries": _versions(), **provenance}
    table = conform(rows, schema).replace_schema_metadata({METADATA_KEY: json.dumps(about, sort_keys=True)})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    pq.write_table(table, partial, compression="zstd")
    partial.replace(path)


def read_table(path: Path, schema: TableSchema, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table, or some of its columns, and check that it is of this schema and version."""
    if not path.is_file():
        raise ResultError(f"{path}: no such file; run the rule that writes it")
    table = pq.read_table(path, columns=None if columns is None else list(columns))
    about = read_metadata(table.schema)
    if (about.get("table"), about.get("schema_version")) != (schema.name, schema.version):
        found = f"{about.get('table')!r} version {about.get('schema_version')}"
        raise ResultError(f"{path}: expected table {schema.name!r} version {schema.version}, found {found}")
    return table


def read_metadata(schema: pa.Schema) -> dict[str, Any]:
    """The project's metadata of a Parquet file: table, schema_version, libraries, provenance."""
    return dict(json.loads((schema.metadata or {}).get(METADATA_KEY, b"{}")))


def conform(rows: pa.Table, schema: TableSchema) -> pa.Table:
    """Columns in the schema's order and types; a missing nullable column is filled with nulls."""
    unknown = set(rows.column_names) - set(schema.columns.names)
    if unknown and not schema.extra:
        raise ResultError(f"table {schema.name!r} has no column {sorted(unknown)}")
    arrays, fields = [], []
    for field in schema.columns:
        if field.name not in rows.column_names:
            if not field.nullable:
                raise ResultError(f"table {schema.name!r}: column {field.name!r} is missing")
            arrays.append(pa.chunked_array([pa.nulls(rows.num_rows, field.type)]))
        else:
            arrays.append(rows[field.name].cast(field.type))
            if not field.nullable and arrays[-1].null_count:
                raise ResultError(f"table {schema.name!r}: column {field.name!r} holds nulls")
        fields.append(field)
    for name in (name for name in rows.column_names if name in unknown):
        arrays.append(rows[name])
        fields.append(rows.schema.field(name))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields)).combine_chunks()


def _versions() -> dict[str, str]:
    found = {}
    for library in _LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue  # an environment holds only what its rules need
    return found
