"""Which study refers to which run, data set and tokens: what must not be removed.

Referred to is what the plan of a study file has: its runs, and the runs that they stand on. Where a plan cannot say it
for sure, more is kept: all of a data set whose original files are not found now (another `data_mirror` would give it
another identity), all data sets of a study that cannot be planned, and what stands in results under a name that no
study file has (a study narrowed by `--config`, or whose file lies elsewhere).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attnexplain.config.load import LoadedStudy, load_study, read_mapping
from attnexplain.errors import AttnExplainError, ConfigError
from attnexplain.operations.study import REGISTRY, ROOT, plan_of
from attnexplain.plan.study_plan import StudyPlan

RESULTS = Path("results") / "studies"
_PLACES = ("", "config", "config/studies")


@dataclass
class References:
    """Names of studies by what they refer to; `whole` has the data sets of which everything is kept, and why."""

    runs: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    folders: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # of data sets and tokens
    whole: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def add(self, plan: StudyPlan) -> None:
        """What a study's plan refers to."""
        name = plan.study.study
        for run in plan.trained:
            self.runs[run].add(name)
        for folder in (*plan.dataset_folders, *plan.tokens_folders):
            self.folders[folder].add(name)
        self._unsure(plan)

    def _unsure(self, plan: StudyPlan) -> None:
        for name, planned in plan.datasets.items():
            source = (planned.spec or {}).get("source", {})
            if plan.loaded.registry[name].sources.files and source.get("kind") != "files":
                self.whole[name] = f"the original files of {name!r} are not found now (--mirror)"


def study_files() -> list[list[Path]]:
    """Study files here and in the project: those in the folder itself, in config/ and in config/studies/."""
    folders = [place / name for place in (Path(), ROOT) for name in _PLACES]
    found = {path.resolve(): path for folder in reversed(folders) for path in sorted(folder.glob("*.yaml"))}
    return [[path] for path in found.values() if _is_study(path)]


def references(files: Iterable[Sequence[Path]], mirror: Path | None) -> References:
    """What these studies (each a list of files, laid over each other) and the results of others refer to."""
    found = References()
    for layers in files:
        loaded = _load(layers)
        found.files.append(" + ".join(map(str, layers)))
        found.names.add(loaded.study.study)
        try:
            found.add(plan_of(layers, {}, mirror))
        except AttnExplainError as error:
            why = f"study {loaded.study.study} cannot be planned: {error}"
            found.whole |= dict.fromkeys(loaded.study.dataset_names, why)
    _add_results(found)
    return found


def _load(layers: Sequence[Path]) -> LoadedStudy:
    try:
        return load_study(layers, REGISTRY, {})
    except AttnExplainError as error:
        raise ConfigError(f"it cannot be told what this study refers to, so nothing may be removed:\n{error}") from None


def _add_results(found: References) -> None:
    """Runs whose measures stand in results that no study file is behind."""
    for folder in sorted(RESULTS.glob("*")):
        if folder.name not in found.names:
            for path in sorted((folder / "measures").glob("*.parquet")):
                found.runs[path.stem].add(f"{folder.name} (results)")


def _is_study(path: Path) -> bool:
    try:
        raw: dict[str, Any] = read_mapping(path)
    except ConfigError:
        return True  # it may be one: whoever reads it next says what is wrong with it
    return {"study", "grid"} <= raw.keys()
