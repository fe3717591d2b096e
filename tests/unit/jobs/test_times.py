"""Estimates of time: which earlier jobs they are based on, and how they grow; jobs that run side by side."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from attnexplain.jobs.job import Job
from attnexplain.jobs.schedule import makespan
from attnexplain.jobs.times import Estimate, Sizes, read_times


def job(rule: str, about: str, kind: str = "", tokens: str = "", **known: object) -> Job:
    made = Job(rule, about, (f"{rule}/{about}",), "", "", kind=kind, tokens=tokens)
    return replace(made, **known)  # type: ignore[arg-type]


def tokens(folder: Path, name: str, **sizes: tuple[int, float]) -> None:
    """Statistics of the splits of a data set: examples and mean length."""
    told = {split: {"examples": 10, "length": {"mean": 1.0}, "length_pair": None} for split in ("train", "dev", "test")}
    for split, (examples, mean) in sizes.items():
        told[split] = {"examples": examples, "length": {"mean": mean}, "length_pair": {"mean": 2.0}}
    (folder / name).mkdir(parents=True)
    (folder / name / "statistics.json").write_text(json.dumps({"dataset": "x", **told}))


def timed(folder: Path, one: Job, seconds: float) -> Job:
    path = folder / one.rule / f"{one.about}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"s\th:m:s\tmax_rss\n{seconds}\t0:00:01\t-\n")
    return one


@pytest.fixture
def sizes(tmp_path: Path) -> Sizes:
    tokens(tmp_path / "tokens", "small/word", train=(100, 8.0), test=(10, 8.0))
    tokens(tmp_path / "tokens", "large/word", train=(300, 18.0), test=(40, 3.0))
    return Sizes(tmp_path / "tokens")


def test_sizes_are_tokens_of_both_texts_times_epochs(sizes: Sizes) -> None:
    assert sizes.of(job("train", "a", tokens="small/word", split="train", times=3)) == 100 * (8 + 2) * 3
    assert sizes.of(job("attribute", "a", tokens="large/word")) == 40 * (3 + 2)
    assert sizes.of(job("attribute", "a", tokens="unknown/word")) is None
    assert sizes.of(job("tables", "a")) is None


def test_an_estimate_is_of_the_nearest_kind_there_is(tmp_path: Path, sizes: Sizes) -> None:
    benchmarks = tmp_path / "benchmarks"
    known = [
        timed(benchmarks, job("attribute", "a/gradient", "bilstm gradient", "small/word"), 10.0),
        timed(benchmarks, job("attribute", "b/gradient", "bilstm gradient", "small/word"), 20.0),
        timed(benchmarks, job("attribute", "c/gradient", "bilstm gradient", "small/word"), 60.0),
        timed(benchmarks, job("figure", "s/tau", "tau"), 4.0),
        job("attribute", "d/gradient", "bilstm gradient", "small/word"),  # never ran
    ]
    times = read_times(known, sizes, benchmarks)
    assert times.estimate(known[0]) == Estimate(10.0, "itself")
    assert times.estimate(known[-1]) == Estimate(20.0, "alike")
    # 200 test tokens where the known ones had 100
    assert times.estimate(job("attribute", "e", "bilstm gradient", "large/word")) == Estimate(40.0, "scaled")
    assert times.estimate(job("attribute", "e", "cnn gradient", "large/word")) == Estimate(40.0, "rule")
    assert times.estimate(job("figure", "t/tau", "tau")) == Estimate(4.0, "alike")


@pytest.mark.parametrize(
    "one", [job("train", "a"), job("figure", "s/new", "new"), job("attribute", "a", "bilstm gradient", "none/word")]
)
def test_what_nothing_is_known_of_is_unknown(tmp_path: Path, sizes: Sizes, one: Job) -> None:
    known = [timed(tmp_path, job("attribute", "b", "bilstm gradient", "small/word"), 10.0)]
    assert read_times([*known, one], sizes, tmp_path).estimate(one) == Estimate(None)


def test_a_smaller_job_takes_no_less_than_the_shortest_seen(tmp_path: Path, sizes: Sizes) -> None:
    known = [timed(tmp_path, job("train", "a", "m", "large/word", split="train"), 12.0)]
    small = job("train", "b", "m", "small/word", split="train")
    assert read_times(known, sizes, tmp_path).estimate(small) == Estimate(12.0, "scaled")


@pytest.mark.parametrize("text", ["", "s\n", "s\nNA\n"])
def test_a_damaged_benchmark_is_none(tmp_path: Path, sizes: Sizes, text: str) -> None:
    one = job("train", "a")
    timed(tmp_path, one, 1.0)
    (tmp_path / "train" / "a.tsv").write_text(text)
    assert read_times([one], sizes, tmp_path).estimate(one) == Estimate(None)


JOBS = tuple(job("r", name) for name in "abcd")
SECONDS = {one.name: seconds for one, seconds in zip(JOBS, (3.0, 5.0, 2.0, 4.0), strict=True)}


class TestMakespan:
    """Closed forms: alone, side by side, in a chain."""

    @pytest.mark.parametrize(("places", "expected"), [(1, 14.0), (2, 9.0), (4, 5.0)])
    def test_side_by_side(self, places: int, expected: float) -> None:
        # two places: a 0-3, b 0-5, c 3-5, d 5-9
        assert makespan(JOBS, SECONDS, places) == expected

    def test_a_chain_takes_its_sum_however_many_places(self) -> None:
        names = [one.name for one in JOBS]
        chained = [replace(one, needs=(before,)) for one, before in zip(JOBS, ["done", *names], strict=False)]
        assert makespan(chained, SECONDS, 8) == 14.0

    def test_a_job_of_unknown_time_takes_none(self) -> None:
        assert makespan(JOBS, {JOBS[1].name: 5.0}, 1) == 5.0

    def test_no_jobs_take_no_time(self) -> None:
        assert makespan([], {}, 2) == 0.0
