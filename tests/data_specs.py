"""Dataset specs and tiny files that the tests of sources, readers and stages share."""

import os
from pathlib import Path
from typing import Any

import pytest

from attnexplain.registry import facts

SST_SHA256 = {
    "train": "e2f3f41b0b1e6d4dddc0effe3bfc2d27ed8928079aa9a03d652311614fc5feb7",
    "dev": "0e9336aed6e4730e19f58d00a77b3f0297efdb755f7b5e598c98a05e3f97ea40",
    "test": "6e54806dee95cf80cd918e7dfb3f6770f6df24bf826f289a4d1f709e1c8f6761",
}
DELIMITED = {key: option["default"] for key, option in facts("reader", "delimited")["options"].items()}
PARQUET = {key: option["default"] for key, option in facts("reader", "parquet")["options"].items()}
FOLDER = {key: option["default"] for key, option in facts("reader", "text-folder")["options"].items()}
SIZES = {"train_size": 60, "dev_size": 20, "test_size": 20, "seed": 0}
TREES = {
    "train": "(3 (2 It) (4 good))\n(2 (2 So) (2 so))\n(1 (2 It) (0 (1 not) (3 good)))\n",
    "dev": "(4 (4 Great) (2 film))\n",
    "test": "(0 (2 A) (0 mess))\n",
}


def plugin(name: str, **options: Any) -> dict[str, Any]:
    return {"name": name, "id": name, "options": options}


def dataset_spec(source: dict[str, Any], **changes: Any) -> dict[str, Any]:
    spec = {
        "name": "tiny",
        "title": "Tiny",
        "licence": "MIT",
        "citation": "nobody (2020)",
        "access": "open",
        "classes": ["negative", "positive"],
        "source": source,
        "limits": {"train": None, "dev": None, "test": None},
        "rows": None,
    }
    return {**spec, **changes}


def files_source(reader: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    files = {split: {"path": str(path), "sha256": None} for split, path in paths.items()}
    return {"kind": "files", "reader": reader, "files": files}


def write_trees(folder: Path) -> dict[str, Path]:
    for split, text in TREES.items():
        (folder / f"{split}.txt").write_text(text)
    return {split: folder / f"{split}.txt" for split in TREES}


def word(**changes: Any) -> dict[str, Any]:
    options = {"min_frequency": 1, "min_length": None, "max_length": None, "lowercase": True, "cleaning": "none"}
    return plugin("word", **{**options, **changes})


def data_mirror() -> Path:
    """The folder of original files; skips the test where ATTNEXPLAIN_DATA_MIRROR names none."""
    folder = os.environ.get("ATTNEXPLAIN_DATA_MIRROR")
    if not folder:
        pytest.skip("ATTNEXPLAIN_DATA_MIRROR is not set")
    return Path(folder)
