"""Experiments that read attributions on the real DAG: what their jobs wait for, and which changes run them again."""

from typing import Any

import pandas as pd
import pytest

from workflow_project import STUDY, Project, jobs

pytestmark = pytest.mark.workflow
RUN = "tiny-sentiment.average.additive.none.s1"
READ = ["attention", "gradient", "random"]
EXPLAINED: dict[str, Any] = {
    **STUDY,
    "datasets": STUDY["datasets"][:1],
    "grid": {"encoder": {"name": "average", "hidden": 4}, "attention": "additive"},
    "methods": ["attention"],
    "experiments": ["permutation", {"name": "token-removal", "methods": READ}],
    "metrics": ["max-attention"],
}
REMOVAL = {f"Experimenting on {RUN}: token-removal"}
AFTER = jobs.measure([RUN]) | jobs.summaries(["tiny-sentiment"]) | jobs.tables() | jobs.wide()


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished study of one method whose experiment reads three."""
    project = Project(tmp_path_factory.mktemp("explained"), EXPLAINED, "wide")
    project.run()
    return project


def planned(project: Project, name: str) -> set[str]:
    """Jobs after an edit of a file, which is put back."""
    before = project.source(name).read_text(encoding="utf-8")
    project.source(name).write_text(f"{before}\nEDITED = True\n", encoding="utf-8")
    found = project.planned()
    project.source(name).write_text(before, encoding="utf-8")
    return found


def test_methods_that_the_study_lacks_are_run_for_the_experiment_and_measured_by_it_alone(explained: Project) -> None:
    (run,) = (explained.folder / "results" / "runs").iterdir()
    assert sorted(path.stem for path in (run / "attributions").iterdir()) == READ
    (file,) = (run / "experiments").glob("token-removal-*.parquet")
    table = pd.read_parquet(file)
    assert table["method"].tolist() == READ * 12
    study = explained.folder / "results" / "studies" / "tiny"
    rows = pd.read_parquet(study / "tables" / "statistics.parquet")
    rows = rows[(rows["class"] == "all") & rows["method"].notna()]
    assert set(rows.loc[~rows["metric"].str.startswith("token-removal-"), "method"]) == {"attention"}
    found = rows[rows["metric"] == f"{file.stem}:fraction"].set_index("method")["mean"]
    assert found.to_dict() == pytest.approx(table.groupby("method")["fraction"].mean().to_dict(), abs=1e-12)
    wide = pd.read_csv(study / "tables" / "wide.csv")
    assert {f"{file.stem}:fraction/{method}/mean" for method in READ} <= set(wide.columns)
    compared = pd.read_parquet(study / "tables" / "comparisons.parquet").query("axis == 'method'")
    pairs = compared.loc[compared["metric"] == f"{file.stem}:fraction", ["value", "other"]].to_numpy().tolist()
    assert pairs == [["attention", "gradient"], ["attention", "random"], ["gradient", "random"]]


def test_nothing_runs_after_no_change(explained: Project) -> None:
    assert explained.planned() == set()


def test_an_edited_method_runs_its_attributions_and_the_experiment_that_reads_them(explained: Project) -> None:
    for method in READ:
        expected = {f"Attributing {RUN} with {method}"} | REMOVAL | AFTER
        assert planned(explained, f"attribution/{method}.py") == expected


def test_a_method_that_is_not_read_and_the_experiment_itself(explained: Project) -> None:
    assert planned(explained, "attribution/leave_one_out.py") == set()
    assert planned(explained, "experiments/token_removal.py") == REMOVAL | AFTER
    assert planned(explained, "experiments/permutation.py") == {f"Experimenting on {RUN}: permutation"} | AFTER


def test_a_method_that_the_study_names_later_is_not_computed_again(explained: Project) -> None:
    explained.write({**EXPLAINED, "methods": ["attention", "gradient"]})
    found = explained.planned()
    explained.write(EXPLAINED)
    assert found == AFTER
