"""Measures between runs on the real DAG: which data sets have them, and which changes run them again."""

from typing import Any

import pandas as pd
import pytest

from workflow_project import STUDY, Project, jobs

pytestmark = pytest.mark.workflow
END = jobs.tables()
AVERAGE = {"encoder": {"name": "average", "hidden": 4}, "attention": "additive"}


def grid(sentiment: list[int], shortcut: list[int]) -> list[dict[str, Any]]:
    """The seeds of each data set."""
    seeds = {"tiny-sentiment": sentiment, "tiny-shortcut": shortcut}
    return [{**AVERAGE, "datasets": [name], "seeds": chosen} for name, chosen in seeds.items()]


COMPARED: dict[str, Any] = {
    **STUDY,
    "grid": grid([1, 2], [1]),
    "seeds": [1, 2, 3],
    "methods": ["attention"],
    "experiments": [],
    "metrics": ["max-attention"],
    "between": ["imposed-attention"],
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished study of two seeds on one data set and one seed on the other."""
    project = Project(tmp_path_factory.mktemp("compared"), COMPARED, "tables")
    project.run()
    return project


def planned(project: Project, **changes: Any) -> set[str]:
    project.write({**COMPARED, **changes})
    found = project.planned()
    project.write(COMPARED)
    return found


def new(name: str, seed: int) -> set[str]:
    """What the first runs of a seed cost by themselves."""
    run = f"{name}.average.additive.none.s{seed}"
    return {f"Training {run}", f"Attributing {run} with attention", f"Measuring {run}"} | jobs.summaries([name]) | END


def test_data_sets_with_two_seeds_have_a_table_and_others_say_what_they_lack(compared: Project) -> None:
    study = compared.folder / "results" / "studies" / "tiny"
    assert [path.name for path in (study / "between").iterdir()] == ["tiny-sentiment.parquet"]
    assert len(pd.read_parquet(study / "between" / "tiny-sentiment.parquet")) == 2 * 2 * 12
    rows = pd.read_parquet(study / "tables" / "statistics.parquet").query("metric == 'imposed-attention:tvd'")
    found = rows[rows["class"] == "all"].set_index("dataset")
    assert found.loc["tiny-sentiment", ["n_seeds", "ci_kind"]].tolist() == [2, "examples-only"]
    assert 0 <= found.loc["tiny-sentiment", "mean"] <= 1
    assert found.loc["tiny-shortcut", "missing_reason"] == "needs two seeds"
    assert "12 of 12 examples" in (compared.folder / "logs/between/tiny/tiny-sentiment.log").read_text()
    assert not any((compared.folder / "scratch").rglob("*.parquet"))


def test_after_no_change_nothing_runs(compared: Project) -> None:
    assert planned(compared) == set()


def test_a_seed_compares_its_data_set_again_and_no_other(compared: Project) -> None:
    found = planned(compared, grid=grid([1, 2, 3], [1]))
    assert found == new("tiny-sentiment", 3) | jobs.between(["tiny-sentiment"])
    found = planned(compared, grid=grid([1, 2], [1, 2]))
    assert found == new("tiny-shortcut", 2) | jobs.between(["tiny-shortcut"])


def test_asking_for_it_trains_nothing_and_not_asking_compares_nothing(compared: Project) -> None:
    assert planned(compared, between=[]) == jobs.statistics(["tiny-sentiment", "tiny-shortcut"]) | END


def test_an_edited_measure_is_taken_again_with_what_stands_on_it(compared: Project) -> None:
    source = compared.source("between/imposed_attention.py")
    text = source.read_text(encoding="utf-8")
    source.write_text(f"{text}\nEDITED = True\n", encoding="utf-8")
    try:
        assert planned(compared) == jobs.between(["tiny-sentiment"]) | jobs.statistics(["tiny-sentiment"]) | END
    finally:
        source.write_text(text, encoding="utf-8")
