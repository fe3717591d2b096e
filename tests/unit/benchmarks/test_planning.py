"""The benchmark of planning: what it plans, what it reads off, and that our own part of planning grows linearly."""

import csv
import sys
from collections import Counter

import pytest
import yaml

from attnexplain.operations.study import load_plan
from attnexplain.plan.jobs import jobs_of
from benchmarks.planning import RUNS_PER_SEED, STUDY, Row, grown, study, write

SMALL = Row("a call", 100, 1000, wall_s=9.0, cpu_s=5.0, peak_mib=100.0)
LARGE = Row("a call", 200, 2000, wall_s=12.0, cpu_s=9.0, peak_mib=150.0)


@pytest.fixture
def planned(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def plan(runs):
        (tmp_path / STUDY).write_text(yaml.safe_dump(study(runs)), encoding="utf-8")
        return load_plan([tmp_path / STUDY])

    return plan


def test_the_study_has_ten_jobs_a_run(planned):
    counts = Counter(job.rule for job in jobs_of(planned(RUNS_PER_SEED)))
    of_runs = {rule: counts[rule] / RUNS_PER_SEED for rule in ("train", "attribute", "experiment", "measure")}
    assert of_runs == {"train": 1, "attribute": 4, "experiment": 4, "measure": 1}


def test_each_further_run_costs_the_plan_as_many_calls_as_the_one_before(planned):
    sizes = [RUNS_PER_SEED * seeds for seeds in (1, 2, 4)]
    calls(lambda: jobs_of(planned(sizes[0])))  # reads the sources, once
    few, more, most = (calls(lambda runs=runs: jobs_of(planned(runs))) for runs in sizes)
    assert (most - more) / (sizes[2] - sizes[1]) == pytest.approx((more - few) / (sizes[1] - sizes[0]), rel=0.02)


def calls(function):
    """How many Python functions it calls."""
    count = 0

    def seen(frame, event, argument):
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


def test_slopes_are_those_from_the_next_smaller_study():
    assert grown(SMALL, []) == SMALL
    found = grown(LARGE, [SMALL, Row("another", 100, 1000, 1.0, 1.0, 1.0)])
    assert (found.ms_per_further_job, found.kib_per_further_job) == (pytest.approx(4.0), pytest.approx(51.2))


def test_rows_go_into_the_csv_and_between_the_marks_of_the_page(tmp_path):
    page = tmp_path / "scale.md"
    page.write_text("# Before\n<!-- measured -->\nold\n<!-- end -->\nAfter.\n", encoding="utf-8")
    write(tmp_path / "scale", [SMALL, grown(LARGE, [SMALL])])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Before\n<!-- measured -->\n| Call |")
    assert text.endswith("<!-- end -->\nAfter.\n")
    assert "| a call | 200 | 2,000 | 12.0 | 9.0 | 150 | 4.0 | 51.2 |\n" in text
    assert "old" not in text
    with (tmp_path / "scale.csv").open(encoding="utf-8") as file:
        assert [row["jobs"] for row in csv.DictReader(file)] == ["1000", "2000"]
