"""Which jobs are given lists of files, and what is in those; thousands of runs of one data set."""

from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from attnexplain.plan import capacity
from attnexplain.plan.gathering import Gathering
from attnexplain.plan.jobs import jobs_of
from attnexplain.plan.study_plan import StudyPlan
from studies import plan

WIDE = {"encoder": [{"name": "average", "hidden": size} for size in range(1, 251)], "attention": "dot"}
DEEP = {"encoder": "bilstm", "attention": "dot", "seeds": list(range(1, 1001))}
LARGE: dict[str, Any] = {
    "grid": [{**WIDE, "seeds": list(range(1, 11))}, DEEP],
    "seeds": list(range(1, 1001)),
    "between": ["retest", "imposed-attention"],
}
RUNS = 250 * 10 + 1000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> StudyPlan:
    """3,500 runs of one data set: many cells of ten seeds, and one of a thousand."""
    return plan(tmp_path_factory.mktemp("large"), LARGE)


def test_a_small_study_gathers_nothing(tmp_path: Path) -> None:
    planned = plan(tmp_path, {"between": ["retest"]})
    gathering = Gathering(planned)
    assert list(gathering.lists()) == []
    reviews = SimpleNamespace(dataset="reviews")
    assert gathering.read("runs.reviews", "measures") == planned.measures(reviews)
    assert gathering.read("retest.reviews", "attributions", "specs") == [
        *planned.retest.attributions(SimpleNamespace(cells="reviews")),
        *planned.retest.specs(SimpleNamespace(cells="reviews")),
    ]


def test_no_job_is_given_more_than_it_may_be(large: StudyPlan) -> None:
    found = {name: files for name, _, files in Gathering(large).lists()}
    assert found and all(capacity.fits(files) and files for files in found.values())
    for job in jobs_of(large):
        assert len(job.needs) <= capacity.INPUTS, job.name


def test_lists_have_all_files_of_all_runs_once(large: StudyPlan) -> None:
    gathering = Gathering(large)
    files = {path: listed for _, path, listed in gathering.lists()}
    read = gathering.read("runs.reviews", "measures", "predictions")
    given = list(chain.from_iterable(files[path] for path in read))
    assert len(given) == len(set(given)) == 2 * RUNS
    made = gathering.read("tables", "spec", "metrics")
    assert len(set(chain.from_iterable(files[path] for path in made))) == 2 * RUNS
    assert len(set(chain.from_iterable(files[path] for path in gathering.read("figures", "measures")))) == RUNS


@pytest.mark.parametrize("kind", ["between", "retest"])
def test_seeds_are_compared_in_parts_of_whole_cells(large: StudyPlan, kind: str) -> None:
    parts = getattr(large, kind).parts("reviews")
    assert sorted(chain.from_iterable(parts.values())) == sorted(large.runs)
    cells = [{tuple(large.runs[run]["slug"].values()) for run in runs} for runs in parts.values()]
    assert len(cells) > 2 and sum(map(len, cells)) == 251
    tables = getattr(large, kind).table(SimpleNamespace(dataset="reviews"))
    assert tables == [f"results/studies/demo/{kind}/{cells}.parquet" for cells in parts]
    # The cell of a thousand seeds is one part, whose files are listed; of the others the files are given.
    listed = {name.partition("/")[0] for name, _, _ in Gathering(large).lists() if name.startswith(kind)}
    (great,) = [name for name, runs in parts.items() if len(runs) == 1000]
    assert listed == {f"{kind}.{great}"}


def test_a_rule_finds_the_files_of_a_list_by_its_wildcards(large: StudyPlan) -> None:
    gathering = Gathering(large)
    about, path, files = next(gathering.lists())
    collection, part = about.split("/")
    assert path == f"results/studies/demo/gathered/{collection}/{part}.sha256"
    assert Gathering(large).files(SimpleNamespace(collection=collection, part=part)) == files


def test_a_seed_more_of_one_cell_changes_few_lists(large: StudyPlan, tmp_path: Path) -> None:
    more = [*LARGE["grid"], {"encoder": {"name": "average", "hidden": 7}, "attention": "dot", "seeds": [11]}]
    after = Gathering(plan(tmp_path, {**LARGE, "grid": more}))
    before = {path: files for _, path, files in Gathering(large).lists()}
    changed = [path for _, path, files in after.lists() if sorted(files) != sorted(before.get(path, []))]
    # Of each group of files one list, or the two halves of one that was full.
    assert 5 <= len(changed) <= 2 * 5 + 2


def test_the_jobs_that_read_lists_need_those_that_make_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "FILES", 7)
    jobs = {job.name: job for job in jobs_of(plan(tmp_path, {"between": ["retest"]}))}
    statistics = jobs["results/studies/demo/statistics/reviews.parquet"]
    lists = [jobs[name] for name in statistics.needs]
    assert {job.rule for job in lists} == {"gather"}
    measured = [job for job in lists if "/measures." in job.name]
    assert sorted(chain.from_iterable(job.needs for job in measured)) == sorted(
        job.name for job in jobs.values() if job.rule == "measure"
    )
    assert {jobs[name].rule for job in lists for name in job.needs} == {"measure", "train", "retest"}
