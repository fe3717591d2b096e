"""How a study infers reaches the jobs that infer, and the code of the chosen kind of interval is theirs."""

import json
from types import SimpleNamespace

from attnexplain.tables.comparisons import AXES
from studies import plan

REVIEWS = SimpleNamespace(dataset="reviews")
CHOSEN = {
    "interval": "crossed-bootstrap",
    "margins": {"kendall-tau": "0.1", "permutation:tvd_median": 0.05},
    "family": ["kendall-tau", "accuracy", "imposed-attention:tvd"],
    "compare": ["control"],
}
MEASURED = {"experiments": ["permutation"], "between": ["imposed-attention"]}


def test_by_default_all_metrics_are_one_family_and_every_axis_is_compared(tmp_path):
    planned = plan(tmp_path)
    settings = json.loads(planned.contrast_settings(REVIEWS))
    assert (settings["interval"], settings["margins"]) == ("two-way", {})
    assert settings["compare"] == list(AXES)
    assert json.loads(planned.tables_settings())["family"] is None


def test_what_a_study_chooses_reaches_its_jobs(tmp_path):
    planned = plan(tmp_path, {**MEASURED, "statistics": CHOSEN})
    for settings in (planned.statistics_settings(REVIEWS), planned.contrast_settings(REVIEWS)):
        found = json.loads(settings)
        assert (found["interval"], found["bootstrap"]) == ("crossed-bootstrap", 1000)
        assert found["margins"] == {"kendall-tau": 0.1, "permutation:tvd_median": 0.05}
    assert json.loads(planned.contrast_settings(REVIEWS))["compare"] == ["control"]
    assert json.loads(planned.tables_settings())["family"] == CHOSEN["family"]


def test_a_reference_reaches_the_comparisons_and_none_leaves_their_settings_alone(tmp_path):
    assert "reference" not in json.loads(plan(tmp_path).contrast_settings(REVIEWS))
    planned = plan(tmp_path, {"statistics": {"reference": {"regulariser": "none", "method": "attention"}}})
    reference = json.loads(planned.contrast_settings(REVIEWS))["reference"]
    assert reference == {"regulariser": "none", "method": "attention"}


def test_the_code_of_the_chosen_kind_is_that_of_statistics_and_contrasts(tmp_path):
    one, other = plan(tmp_path), plan(tmp_path, {"statistics": {"interval": "mixed-model"}})
    for stage in ("statistics", "contrast"):
        assert one.inference_code(stage) != other.inference_code(stage)
    assert one.stage_code("tables") == other.stage_code("tables")


def test_every_data_set_with_runs_has_comparisons_and_the_study_a_table_of_them(tmp_path):
    planned = plan(tmp_path, {"datasets": ["reviews", "shortcuts", "private"]})
    folder = "results/studies/demo/comparisons"
    assert planned.comparisons() == [f"{folder}/reviews.parquet", f"{folder}/shortcuts.parquet"]
    assert {"results/studies/demo/tables/comparisons.parquet", "results/studies/demo/tables/comparisons.csv"} <= {
        *planned.targets()
    }


def test_what_an_experiment_asks_of_the_statistics_reaches_them(tmp_path):
    planned = plan(tmp_path, {"experiments": ["erasure", "permutation"]})
    erasure, permutation = json.loads(planned.statistics_settings(REVIEWS))["experiments"]
    assert (erasure["by"], erasure["mcnemar"]) == (None, ["flip_difference_first"])
    assert erasure["nulls"] == {"flip_difference": 0.0}
    assert permutation["by"]["of"] == ["tvd_median"]
    assert (permutation["mcnemar"], permutation["nulls"]) == (None, {})
