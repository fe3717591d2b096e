"""Controls, random and uniform attention on the real DAG: their rows stand in the same table as everything else."""

from typing import Any

import pandas as pd
import pytest

from workflow_project import STUDY, Project, jobs

pytestmark = pytest.mark.workflow
SIZES = {"train_size": 40, "dev_size": 16, "test_size": 12}
DRAWN = "random-"  # a second draw has an id of its own
CONTROLLED: dict[str, Any] = {
    **STUDY,
    "datasets": STUDY["datasets"][:1],
    "grid": {"encoder": {"name": "average", "hidden": 4}, "attention": ["additive", "uniform"]},
    "controls": ["untrained", "shuffled-labels"],
    "exclude": [{"attention": "uniform", "control": name} for name in ("untrained", "shuffled-labels")],
    "seeds": [1, 2],
    "methods": ["attention", "random", {"name": "random", "draw": 1}],
    "experiments": [],
    "metrics": ["kendall-tau", "evidence-auprc", "precision-at-k"],
    "between": ["retest"],
}
CELLS = {("additive", "none"), ("additive", "untrained"), ("additive", "shuffled-labels"), ("uniform", "none")}


@pytest.fixture(scope="module")
def controlled(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished study with every control."""
    project = Project(tmp_path_factory.mktemp("controlled"), CONTROLLED, "tables")
    project.run()
    return project


@pytest.fixture(scope="module")
def rows(controlled: Project) -> pd.DataFrame:
    table = pd.read_parquet(controlled.folder / "results" / "studies" / "tiny" / "tables" / "statistics.parquet")
    return table[table["class"] == "all"]


def test_every_control_has_every_row_in_one_table(rows: pd.DataFrame) -> None:
    assert {*zip(rows["attention"], rows["control"], strict=True)} == CELLS
    counts = rows.groupby(["attention", "control"]).size()
    assert counts.nunique() == 1
    methods = set(rows["method"].dropna())
    assert len(methods) == 3 and {"attention", "random"} < methods
    for metric, each in {"kendall-tau": 3, "evidence-auprc": 3, "retest:kendall_tau": 6}.items():
        assert (rows[rows["metric"] == metric].groupby(["attention", "control"]).size() == each).all()
    assert (rows[rows["metric"] == "kendall-tau:disattenuated"].groupby(["attention", "control"]).size() == 3).all()


def test_two_draws_agree_as_two_samples_and_their_agreement_is_one_tau(rows: pd.DataFrame) -> None:
    drawn = rows[(rows["metric"] == "kendall-tau") & (rows["method"] == "random")]
    assert len(drawn) == 4 and drawn["method_b"].str.startswith(DRAWN).all()
    assert drawn["mean"].abs().max() < 0.4 and (drawn["n_seeds"] == 2).all()


def test_uniform_attention_says_that_its_scores_are_constant(rows: pd.DataFrame) -> None:
    uniform = rows[(rows["attention"] == "uniform") & (rows["method"] == "attention")]
    taus = uniform[uniform["metric"].str.startswith(("kendall-tau", "retest"))]
    assert taus["mean"].isna().all() and taus["missing_reason"].str.endswith("constant scores").all()
    assert uniform.loc[uniform["metric"] == "evidence-auprc", "mean"].notna().all()


def test_planted_evidence_has_the_truth_as_its_ceiling(rows: pd.DataFrame) -> None:
    plausible = rows[rows["metric"].isin(["evidence-auprc", "precision-at-k"])]
    assert (plausible["ceiling"] == 1).all() and plausible["null_low"].notna().all()


def test_after_no_change_nothing_runs_and_without_evidence_no_annotators_are_measured(controlled: Project) -> None:
    assert controlled.planned() == set()
    controlled.write({**CONTROLLED, "metrics": ["kendall-tau", "evidence-auprc"]})
    found = controlled.planned()
    controlled.write(CONTROLLED)
    assert "Measuring the annotators of tiny-sentiment" in found
    controlled.write({**CONTROLLED, "metrics": ["kendall-tau"]})
    found = controlled.planned()
    controlled.write(CONTROLLED)
    assert not any("annotators" in one or "attributions" in one for one in found)
    assert jobs.statistics(["tiny-sentiment"]) | jobs.tables() <= found


def test_an_edited_measure_compares_the_attributions_again_and_no_model(controlled: Project) -> None:
    source = controlled.source("between/retest.py")
    text = source.read_text(encoding="utf-8")
    source.write_text(f"{text}\nEDITED = True\n", encoding="utf-8")
    try:
        compared = {"Comparing the attributions of the seeds of tiny-sentiment"}
        assert controlled.planned() == compared | jobs.statistics(["tiny-sentiment"]) | jobs.tables()
    finally:
        source.write_text(text, encoding="utf-8")
