"""JSON schemas of the study and of the data set registry, generated from the typed configuration."""

import json
from pathlib import Path
from typing import Any

from attnexplain.config.registry_file import DatasetEntry
from attnexplain.config.study import Study


def schemas() -> dict[str, dict[str, Any]]:
    """File name -> schema."""
    entry = DatasetEntry.model_json_schema()
    definitions = entry.pop("$defs")
    registry = {"title": "Data set registry", "type": "object", "additionalProperties": entry, "$defs": definitions}
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {
        "study.schema.json": {"$schema": draft, **Study.model_json_schema()},
        "datasets.schema.json": {"$schema": draft, **registry},
    }


def write(folder: Path) -> None:
    """Write both schemas."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        (folder / name).write_text(text(schema), encoding="utf-8")


def text(schema: dict[str, Any]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"
