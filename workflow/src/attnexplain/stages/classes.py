"""The classes of a run whose data set leaves them to the data: the answers found in train."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def with_classes(spec: Mapping[str, Any], tokens: Path) -> dict[str, Any]:
    """A run's specification whose data set names its classes; where it does not, those of the tokens folder."""
    if spec["dataset"]["classes"] is not None:
        return dict(spec)
    classes = json.loads((tokens / "statistics.json").read_text(encoding="utf-8"))["classes"]
    return {**spec, "dataset": {**spec["dataset"], "classes": classes}}
