"""The plan as the Snakefile asks for it: the study's files and overrides come from Snakemake, errors leave as text."""

import atexit
import sys
from math import ceil
from pathlib import Path
from typing import Any, NoReturn

from attnexplain.config.load import load_study
from attnexplain.errors import AttnExplainError
from attnexplain.gpus import SHARED_BY
from attnexplain.plan.study_plan import StudyPlan
from attnexplain.provenance import CACHE, Sources

SHARED = ("data", "tokenise")  # rules


def plan_workflow(workflow: Any, root: Path) -> StudyPlan:
    """Plan the study of this Snakemake call; a bad study ends it with its message alone and exit status 1."""
    files = [Path(path) for path in workflow.overwrite_configfiles] or [root / "config" / "config.yaml"]
    overrides = workflow.config_settings.config  # of --config alone; `overwrite_config` holds the files too
    try:
        loaded = load_study([_shown(path) for path in files], _shown(root / "config" / "datasets.yaml"), overrides)
        mirror = loaded.study.data_mirror
        code = Sources(Path.cwd() / CACHE)
        plan = StudyPlan(loaded, code, Path(mirror).expanduser().resolve() if mirror else None)
    except AttnExplainError as error:
        _leave(error)
    # Files are read while the jobs are laid out, long after this: what was learned is kept at the end.
    atexit.register(code.save)
    _say_missing(plan)
    return plan


def share_open_data(workflow: Any) -> None:
    """Where `--cache` is given, let data and tokens of open data sets be shared, for which they have no benchmark.

    Snakemake refuses a cached rule with a benchmark, and reminds of `--cache` wherever a rule is marked for it.
    """
    if workflow.workflow_settings.cache is not None:
        for rule in map(workflow.get_rule, SHARED):
            rule.cache = type(rule.cache).from_rule(rule, "omit-software")
            rule._benchmark = None  # its setter takes a path alone


def shell_prefix(workflow: Any, source: Path, mirror: Path | None, gpus: int) -> str:
    """What every shell command starts with: strict bash, our package on the path, the mirror, and how GPUs are shared.

    The mirror travels in the environment since it is neither an input nor a param: moving it must rerun nothing.
    """
    parts = ["set -euo pipefail", f"export PYTHONPATH='{source}'", "export PYTHONNOUSERSITE=1"]
    parts.append(f"export ATTNEXPLAIN_DATA_MIRROR='{mirror or ''}'")
    if gpus:
        at_once = workflow.global_resources["gpu"].value
        parts.append(f"export {SHARED_BY}={max(1, ceil(at_once / gpus))}")
    if not any(method.name == "CONDA" for method in workflow.deployment_settings.deployment_method):
        # Without conda a job runs in the environment that Snakemake itself runs in.
        parts.append(f"export PATH='{Path(sys.executable).parent}':\"$PATH\"")
    return "; ".join(parts) + "; "


def _shown(path: Path) -> Path:
    """A path as the user would write it: relative to the working directory where it lies inside."""
    resolved = path.resolve()
    return resolved.relative_to(Path.cwd()) if resolved.is_relative_to(Path.cwd()) else path


def _say_missing(plan: StudyPlan) -> None:
    for planned in plan.datasets.values():
        if planned.missing_reason:
            looked = f"data_mirror is {plan.mirror}" if plan.mirror else "no data_mirror is set"
            print(f"missing data set {planned.name!r}: {planned.missing_reason} ({looked})", file=sys.stderr)


def _leave(error: AttnExplainError) -> NoReturn:
    print(f"Error: {error}", file=sys.stderr)
    raise SystemExit(1)
