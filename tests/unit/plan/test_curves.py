"""Which data sets have curves of adversaries, and what their jobs are given."""

import json
from types import SimpleNamespace
from typing import Any

from attnexplain.plan.study_plan import StudyPlan
from studies import plan

REVIEWS, SHORTCUTS = SimpleNamespace(dataset="reviews"), SimpleNamespace(dataset="shortcuts")
NONE: dict[str, Any] = {"regulariser": "none"}


def adversarial(divergence: float, **base: Any) -> dict[str, Any]:
    return {"name": "adversarial", "divergence": divergence, "base": base or NONE}


def attacking(*regularisers: Any, **changes: Any) -> dict[str, Any]:
    """A study of one model of two seeds, and regularisers of it."""
    grid = {"encoder": "bilstm", "attention": "additive", "regulariser": ["none", *regularisers]}
    return {"grid": [grid], "experiments": ["distance-to-base"], **changes}


def models(found: StudyPlan, paths: list[str]) -> list[tuple[str, ...]]:
    """Encoder, attention and regularisers of the runs that files are of, seeds left out."""
    specs = [found.runs[path.split("/")[-1].removesuffix(".parquet")] for path in paths]
    plugins = [[spec["encoder"], spec["attention"], *spec["regulariser"]] for spec in specs]
    return sorted({tuple(one["name"] for one in parts) for parts in plugins})


def test_a_study_without_adversaries_or_without_their_distance_has_none(tmp_path):
    for changes in (
        {},
        {"experiments": ["distance-to-base"]},
        attacking(adversarial(0.1), experiments=["permutation"]),
    ):
        found = plan(tmp_path, changes)
        assert found.curve_tables() == found.curves.table("reviews") == found.curves.areas(REVIEWS) == []
        assert "curve" not in json.loads(found.statistics_settings(REVIEWS))


def test_a_data_set_with_adversaries_has_curves_and_who_reads_areas_is_told_what_they_are(tmp_path):
    grid = [*attacking()["grid"], {**attacking(adversarial(0.1))["grid"][0], "datasets": ["reviews"]}]
    found = plan(tmp_path, attacking(grid=grid, datasets=["reviews", "shortcuts"], statistics={"curve_to": 0.3}))
    assert found.curve_tables() == ["results/studies/demo/curves/reviews.parquet"]
    assert found.curves.areas(REVIEWS) == ["results/studies/demo/areas/reviews.parquet"]
    assert found.curves.areas(SHORTCUTS) == []
    for settings in (found.statistics_settings, found.contrast_settings):
        assert json.loads(settings(REVIEWS))["curve"] == {"to": 0.3} and "curve" not in json.loads(settings(SHORTCUTS))
    assert json.loads(found.curve_settings(REVIEWS))["to"] == 0.3


def test_a_curve_reads_adversaries_what_they_attack_and_its_twin_with_uniform_attention(tmp_path):
    grid = [
        *attacking("diversity", adversarial(0.1), adversarial(1.0))["grid"],
        {"encoder": ["bilstm", "average"], "attention": ["uniform", "dot"]},
    ]
    planned = plan(tmp_path, attacking(grid=grid))
    found = planned.curves
    expected = [("bilstm", "additive"), ("bilstm", "additive", "adversarial"), ("bilstm", "uniform")]
    assert models(planned, found.measures(REVIEWS)) == expected
    assert len(found.measures(REVIEWS)) == len(found.predictions(REVIEWS)) == 8
    assert all(path.endswith("/predictions.parquet") for path in found.predictions(REVIEWS))


def test_what_is_attacked_is_the_base_whatever_regularisers_stand_beside(tmp_path):
    regularised = {"regulariser": "diversity"}
    both = ["diversity", adversarial(0.1, **regularised)]
    planned = plan(tmp_path, attacking("diversity", both, adversarial(0.2, **regularised), seeds=[1]))
    expected = [("adversarial",), ("adversarial", "diversity"), ("diversity",)]  # the plain one is attacked by nobody
    assert [one[2:] for one in models(planned, planned.curves.measures(REVIEWS))] == expected


def test_seeds_are_read_where_the_study_compares_them(tmp_path):
    changes = attacking(adversarial(0.1), between=["seed-variance", "imposed-attention"])
    found = plan(tmp_path, changes)
    assert found.curves.between(REVIEWS) == ["results/studies/demo/between/reviews.parquet"]
    assert [one["name"] for one in json.loads(found.curve_settings(REVIEWS))["seeds"]] == ["seed-variance"]
    other = plan(tmp_path, {**changes, "between": ["imposed-attention"]}).curves
    assert other.between(REVIEWS) == [] and other.settings()["seeds"] == []
