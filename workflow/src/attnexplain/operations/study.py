"""A study as commands for people name it: its files, values that replace theirs, and where the original files lie."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attnexplain.config.load import load_study
from attnexplain.errors import ConfigError
from attnexplain.plan.study_plan import StudyPlan
from attnexplain.provenance import CACHE, Sources

ROOT = Path(__file__).parents[4]
REGISTRY = ROOT / "config" / "datasets.yaml"
DEFAULT = ROOT / "config" / "config.yaml"


def load_plan(files: Sequence[Path], values: Sequence[str] = ()) -> StudyPlan:
    """The plan of a study, as `snakemake --configfile FILES --config VALUES` would make it; without files the default.

    Relative paths of a study are relative to the working directory, which has to be that of `snakemake`.
    """
    return plan_of(files or [DEFAULT], overrides(values))


def plan_of(files: Sequence[Path], given: Mapping[str, Any], mirror: Path | None = None) -> StudyPlan:
    """The plan of the study in these files; its own `data_mirror` comes before `mirror`."""
    loaded = load_study(files, REGISTRY, given)
    named = loaded.study.data_mirror
    code = Sources(Path.cwd() / CACHE)
    plan = StudyPlan(loaded, code, Path(named).expanduser().resolve() if named else mirror)
    code.save()
    return plan


def dataset_names(files: Sequence[Path]) -> list[str]:
    """The data sets that these files of a study name."""
    return load_study(files, REGISTRY, {}).study.dataset_names


def overrides(values: Sequence[str]) -> dict[str, Any]:
    """`KEY=VALUE` as Snakemake reads them."""
    if not values:
        return {}
    from snakemake.cli import parse_config  # here, since it takes half a second

    try:
        return dict(parse_config(values))
    except ValueError as error:
        raise ConfigError(f"--config: {error}") from None


def environment_mirror() -> Path | None:
    """The folder with the original files that the environment names, if it does."""
    named = os.environ.get("ATTNEXPLAIN_DATA_MIRROR")
    return Path(named).expanduser().resolve() if named else None
