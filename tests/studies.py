"""A small data set registry and study for tests of configuration and plan; no file of the project is read."""

from pathlib import Path
from typing import Any

import yaml

from attnexplain.config.load import LoadedStudy, load_study
from attnexplain.plan.study_plan import StudyPlan
from attnexplain.provenance import Sources

DIGEST = "ab" * 32
REGISTRY: dict[str, Any] = {
    "reviews": {
        "title": "Reviews",
        "classes": ["bad", "good"],
        "sources": {"synthetic": {"reader": "planted-sentiment"}},
    },
    "shortcuts": {
        "title": "Shortcuts",
        "classes": ["a", "b"],
        "sources": {"synthetic": {"reader": "planted-shortcut"}},
    },
    "private": {
        "title": "Private notes",
        "access": "credentialed",
        "classes": ["no", "yes"],
        "sources": {
            "files": {"reader": "delimited", "files": {"train": {"path": "notes/train.csv", "sha256": DIGEST}}}
        },
    },
}
STUDY: dict[str, Any] = {
    "study": "demo",
    "datasets": ["reviews"],
    "grid": {"encoder": ["bilstm", "average"], "attention": ["additive", "dot"]},
    "seeds": [1, 2],
    "methods": ["attention", "gradient"],
}


def write_study(
    folder: Path, changes: dict[str, Any] | None = None, registry: dict[str, Any] | None = None
) -> list[Path]:
    """Write study.yaml and datasets.yaml; a change to None removes the key."""
    study = {key: value for key, value in {**STUDY, **(changes or {})}.items() if value is not None}
    paths = [folder / "study.yaml", folder / "datasets.yaml"]
    for path, content in zip(paths, [study, registry or REGISTRY], strict=True):
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return paths


def load(folder: Path, changes: dict[str, Any] | None = None, config: dict[str, Any] | None = None) -> LoadedStudy:
    """The study with changes, loaded with overrides as `--config` hands them on."""
    study, registry = write_study(folder, changes)
    return load_study([study], registry, config or {})


def plan(
    folder: Path,
    changes: dict[str, Any] | None = None,
    config: dict[str, Any] | None = None,
    mirror: Path | None = None,
) -> StudyPlan:
    """The plan of the study with changes and overrides."""
    return StudyPlan(load(folder, changes, config), Sources(), mirror)
