"""What lies on disk of runs, tokens, data sets and killed jobs: size, age, and who needs it."""

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from attnexplain.jobs.leftovers import leftovers
from attnexplain.jobs.records import FOLDER as RECORDS
from attnexplain.operations.at_work import at_work
from attnexplain.operations.earlier import RUNS, tokens_folder
from attnexplain.operations.references import References

SCRATCH = Path("scratch")
DATASETS, TOKENS = Path("resources") / "datasets", Path("resources") / "tokens"
_RUN_ID = re.compile(r".+\.s\d+.*-[0-9a-f]{10}")


@dataclass(frozen=True)
class Held:
    """A run, the tokens of a data set, a data set or a leftover: its `users` (studies), or why else it is kept.

    Its `paths` are folders; that of a leftover may be a file.
    """

    kind: str
    name: str
    paths: tuple[Path, ...]
    users: tuple[str, ...]
    kept: str = ""

    @cached_property
    def bytes(self) -> int:
        """Size on disk; what a link leads to lies elsewhere and does not count."""
        return sum(file.lstat().st_size for path in self.paths for file in _files(path))

    @cached_property
    def age(self) -> float:
        """Seconds since the newest file was written."""
        times = [file.lstat().st_mtime for path in self.paths for file in (path, *_files(path))]
        return max(0.0, time.time() - max(times))

    @property
    def may_go(self) -> bool:
        """Whether nothing needs it."""
        return not self.users and not self.kept


def holdings(found: References) -> list[Held]:
    """Everything that lies there: runs, tokens, data sets, and what killed jobs left, each sorted by name."""
    specs = {run: _spec(run) for run in _run_names()}
    users = _users(found, specs)
    runs = [_held_run(run, spec, users[run], found) for run, spec in specs.items()]
    kept_specs = [spec for run, spec in zip(runs, specs.values(), strict=True) if spec and not run.may_go]
    held = [*runs, *_resources(found, kept_specs)]
    return [*held, *_leftovers({path for one in held if one.may_go for path in one.paths})]


def _run_names() -> list[str]:
    """Runs, and trainings that were stopped before they left any file but their state."""
    names = {path.name for path in RUNS.glob("*") if path.is_dir() and not path.name.startswith(".")}
    return sorted(names | {path.name for path in SCRATCH.glob("*") if _RUN_ID.fullmatch(path.name)})


def _held_run(run: str, spec: Mapping[str, Any] | None, users: set[str], found: References) -> Held:
    dataset = str(spec["dataset"]["name"]) if spec else run.split(".")[0]
    folders = (RUNS / run, SCRATCH / run, RECORDS / RUNS / run)
    existing = tuple(folder for folder in folders if folder.is_dir())
    return Held("run", run, existing, tuple(sorted(users)), found.whole.get(dataset, ""))


def _users(found: References, specs: Mapping[str, Mapping[str, Any] | None]) -> dict[str, set[str]]:
    """Studies by the runs that they refer to, or that what they refer to stands on."""
    users = {run: set(found.runs.get(run, ())) for run in specs}
    for run, spec in specs.items():
        for base in _bases(spec) if spec else ():
            users.setdefault(base, set()).update(found.runs.get(run, ()))
    return users


def _bases(spec: Mapping[str, Any]) -> Iterator[str]:
    base = spec["base"]
    while base is not None:
        yield base["run"]
        base = base["base"]


def _resources(found: References, kept: Sequence[Mapping[str, Any]]) -> Iterator[Held]:
    """Tokens and data sets; those of kept runs are kept too."""
    used = {tokens_folder(dict(spec)) for spec in kept}
    used |= {folder.partition("/")[0] for folder in used}
    for kind, top, pattern in (("tokens", TOKENS, "*/*"), ("data set", DATASETS, "*")):
        for folder in sorted(path for path in top.glob(pattern) if path.is_dir() and not path.name.startswith(".")):
            name = str(folder.relative_to(top))
            dataset = name.partition("/")[0].rpartition("-")[0]
            why = found.whole.get(dataset, "") or ("runs that are kept were made of it" if name in used else "")
            yield Held(kind, name, (folder,), tuple(sorted(found.folders.get(name, ()))), why)


def _leftovers(going: set[Path]) -> Iterator[Held]:
    """What killed jobs left, but for what lies in folders that go anyhow."""
    kept = "jobs are at work in this folder, and write such files" if at_work() else ""
    for path in leftovers():
        if not going.intersection(path.parents):
            yield Held("leftover", str(path), (path,), (), kept)


def _files(path: Path) -> Iterator[Path]:
    return (file for file in (path, *path.rglob("*")) if file.is_symlink() or file.is_file())


def _spec(run: str) -> dict[str, Any] | None:
    try:
        return dict(json.loads((RUNS / run / "spec.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
