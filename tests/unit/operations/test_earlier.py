"""Jobs of earlier runs, read back from their folders: the same as the plan of their study had them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from attnexplain.operations.earlier import earlier_jobs
from attnexplain.operations.study import plan_of
from attnexplain.plan.jobs import jobs_of

READER = {"name": "planted-sentiment", "train_size": 20, "dev_size": 8, "test_size": 8}
SET = {"name": "set", "title": "Set", "classes": ["0", "1"], "sources": {"synthetic": {"reader": READER}}}
STUDY: dict[str, Any] = {
    "study": "tiny",
    "datasets": [SET],
    "grid": {"encoder": "average", "attention": "additive", "regulariser": ["none", "entropy"]},
    "seeds": [1],
    "training": {"epochs": 3},
    "methods": ["attention", "gradient"],
    "experiments": ["permutation"],
    "metrics": ["kendall-tau"],
}
RULES = ("train", "attribute", "experiment", "measure")


def test_an_earlier_job_is_the_planned_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    study = Path("study.yaml")
    study.write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    plan = plan_of([study], {})
    planned = [job for job in jobs_of(plan) if job.rule in RULES]
    for run, spec in plan.trained.items():
        path = Path("results/runs") / run / "spec.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(spec), encoding="utf-8")
    for job in planned:
        Path(job.benchmark).parent.mkdir(parents=True, exist_ok=True)
        Path(job.benchmark).write_text("s\n1.0\n", encoding="utf-8")
    told = {(job.rule, job.about): job for job in earlier_jobs()}
    assert len(told) == len(planned) == 2 * (1 + 2 + 1 + 1)
    for job in planned:
        earlier = told[job.rule, job.about]
        # What a folder cannot tell, and no estimate needs.
        assert replace(earlier, outputs=job.outputs, log=job.log, code=job.code, needs=job.needs) == job


def test_a_time_whose_run_is_gone_is_of_no_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("results/benchmarks/train/gone.tsv")
    path.parent.mkdir(parents=True)
    path.write_text("s\n1.0\n", encoding="utf-8")
    assert list(earlier_jobs()) == []
