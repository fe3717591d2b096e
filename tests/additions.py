"""A small study, what is laid over it when it is finished, and the jobs which that adds."""

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from workflow_project import STUDY, Project, jobs

FIRST, SECOND = STUDY["datasets"]
BEFORE: dict[str, Any] = {
    **STUDY,
    "datasets": [FIRST],
    "grid": {"encoder": {"name": "average", "hidden": 4}, "attention": "additive"},
    "methods": ["attention"],
    "experiments": [],
    "metrics": ["evidence-auprc"],
}
# One run more for each of the first three: without `exclude` there would be all combinations.
ADDED: dict[str, Any] = {
    "datasets": [FIRST, SECOND],
    "seeds": [1, 2],
    "grid": {"regulariser": ["none", "entropy"]},
    "methods": ["attention", "gradient"],
    "exclude": [
        {"dataset": SECOND["name"], "seed": 2},
        {"dataset": SECOND["name"], "regulariser": "entropy"},
        {"regulariser": "entropy", "seed": 2},
    ],
}
OLD_RUN = f"{FIRST['name']}.average.additive.none.s1"
NEW_RUNS = [
    f"{FIRST['name']}.average.additive.none.s2",
    f"{SECOND['name']}.average.additive.none.s1",
    f"{FIRST['name']}.average.additive.entropy.s1",
]
RUNS = [OLD_RUN, *NEW_RUNS]
# Messages of all that the tables then lack.
NEW = (
    jobs.data([SECOND["name"]])
    | jobs.train(NEW_RUNS)
    | {f"Attributing {run} with {method}" for run in NEW_RUNS for method in ADDED["methods"]}
    | {f"Attributing {OLD_RUN} with gradient"}
    | jobs.measure(RUNS)
    | {f"Measuring the annotators of {SECOND['name']}"}
    | jobs.summaries([FIRST["name"], SECOND["name"]])
    | jobs.tables()
)
# Those of them that do not run on the submit host.
SUBMITTED = Counter(tokenise=1, train=3, attribute=7, measure=4, annotators=1, statistics=2, contrast=2, agreement=2)


def add(project: Project) -> tuple[str, str]:
    """Write the overlay; both files of the study."""
    (project.folder / "added.yaml").write_text(yaml.safe_dump(ADDED), encoding="utf-8")
    return "study.yaml", "added.yaml"


def kept(project: Project) -> dict[Path, tuple[bytes, int]]:
    """Bytes and time of every file of the runs, by path within the project."""
    files = [path for path in (project.folder / "results" / "runs").rglob("*") if path.is_file()]
    return {path.relative_to(project.folder): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
