"""Curves of trained adversaries on the real DAG: planned where there are such, made of their inputs alone."""

from typing import Any

import pandas as pd
import pytest

from workflow_project import STUDY, Project, jobs

pytestmark = pytest.mark.workflow
DATA = ["tiny-sentiment"]
REGULARISERS: list[Any] = ["none", {"name": "adversarial", "divergence": 0.5, "base": {"regulariser": "none"}}]
ATTACKED: dict[str, Any] = {
    **STUDY,
    "grid": [
        {"encoder": {"name": "average", "hidden": 4}, "attention": "additive", "regulariser": "none"},
        {
            "datasets": DATA,
            "encoder": {"name": "average", "hidden": 4},
            "attention": "additive",
            "regulariser": REGULARISERS,
        },
    ],
    "methods": ["attention"],
    "experiments": ["distance-to-base"],
    "metrics": ["max-attention"],
}
CURVE = {"Curves of adversaries on tiny-sentiment"}
DRAWN = "results/studies/tiny/figures/adversary-curves.svg"
END = jobs.summaries(DATA) | jobs.tables() | {"Drawing adversary-curves"}


def test_curves_follow_what_they_are_made_of(tmp_path):
    project = Project(tmp_path, {**ATTACKED, "grid": ATTACKED["grid"][:1]}, DRAWN)
    assert not any(message.startswith("Curves") for message in project.planned())
    project.write(ATTACKED)
    assert {message for message in project.planned() if message.startswith("Curves")} == CURVE
    project.run()
    folder = tmp_path / "results/studies/tiny"
    rows = pd.read_parquet(folder / "tables/curves.parquet")
    assert set(rows["dataset"]) == set(DATA) and rows["kind"].tolist() == ["trained adversary", "area"]
    statistics = pd.read_parquet(folder / "tables/statistics.parquet")
    areas = statistics[statistics["metric"] == "adversary-curve:area"]
    assert areas["regulariser"].tolist() == ["none"]
    assert project.planned() == set()
    # How far the area goes concerns the data set with adversaries alone, and none of its runs.
    project.write({**ATTACKED, "statistics": {"curve_to": 0.3}})
    assert project.planned() == CURVE | END
