"""What the stages between runs share: the runs of each cell, by seed."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attnexplain.errors import ResultError
from attnexplain.tables.statistics import CELL


def cells_of(folders: Iterable[Path]) -> dict[str, dict[Path, dict[str, Any]]]:
    """Specifications of the runs of each cell by their folder, ordered by seed; cells by a name."""
    cells: dict[str, dict[Path, dict[str, Any]]] = defaultdict(dict)
    read = {folder: _spec(folder) for folder in folders}
    for folder, spec in sorted(read.items(), key=lambda item: item[1]["seed"]):
        cells[".".join(spec["slug"][axis] for axis in CELL)][folder] = spec
    return cells


def _spec(folder: Path) -> dict[str, Any]:
    path = folder / "spec.json"
    if not path.is_file():
        raise ResultError(f"{path}: no such file; the rule `train` writes it")
    return dict(json.loads(path.read_text(encoding="utf-8")))
