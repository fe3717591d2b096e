"""Jobs of earlier runs as their folders tell of them, of whichever study: what estimates of time are based on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attnexplain.jobs.job import Job
from attnexplain.jobs.times import BENCHMARKS, TOKENS
from attnexplain.plan import sources
from attnexplain.plan.identity import plugin_identity
from attnexplain.plan.jobs import model_kind

RUNS = Path("results") / "runs"


def earlier_jobs() -> Iterator[Job]:
    """Jobs of which there is a time, except tables, figures and statistics: their work depends on their study."""
    specs: dict[str, dict[str, Any] | None] = {}
    for rule in ("train", "attribute", "experiment", "measure"):
        folder = BENCHMARKS / rule
        for path in sorted(folder.rglob("*.tsv")):
            about = str(path.relative_to(folder)).removesuffix(".tsv")
            run = _run_of(rule, about)
            if run not in specs:
                specs[run] = _spec(run)
            spec = specs[run]
            if spec is not None:
                yield _job(rule, about, spec)


def _run_of(rule: str, about: str) -> str:
    return about.split("/")[-1] if rule == "measure" else about.split("/")[0]


def _job(rule: str, about: str, spec: dict[str, Any]) -> Job:
    model, named = model_kind(spec), about.split("/")[-1]
    kinds = {"train": model, "measure": ""}
    training = {"split": "train", "times": spec["training"]["epochs"]} if rule == "train" else {}
    path = str(BENCHMARKS / rule / f"{about}.tsv")
    kind = kinds.get(rule, f"{model} {named}")
    return Job(rule, about, (path,), "", path, kind=kind, tokens=tokens_folder(spec), **training)


def tokens_folder(spec: dict[str, Any]) -> str:
    """Where a run found its tokens: `sst-1a2b3c4d/word-5e6f7a8b`."""
    dataset, tokeniser = spec["dataset"], spec["tokeniser"]
    # Classes that a data set leaves open stand in the run's specification as they were found.
    spellings = [sources.folder(dataset["name"], one) for one in (dataset, {**dataset, "classes": None})]
    found = next((one for one in spellings if (TOKENS / one).is_dir()), spellings[0])
    return f"{found}/{sources.folder(tokeniser['name'], plugin_identity(tokeniser))}"


def _spec(run: str) -> dict[str, Any] | None:
    try:
        return dict(json.loads((RUNS / run / "spec.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
