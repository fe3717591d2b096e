"""Which data sets have annotators measured, and what their jobs are given."""

import json
from types import SimpleNamespace

import pytest

from studies import plan

REVIEWS = SimpleNamespace(dataset="reviews")
ASKED = {"metrics": ["kendall-tau", "evidence-auprc", {"name": "precision-at-k", "k": 3}]}


def test_without_a_metric_that_needs_evidence_there_are_none(tmp_path):
    assert plan(tmp_path).annotators.table(REVIEWS) == []


def test_each_data_set_has_one_table_from_its_own_files(tmp_path):
    planned = plan(tmp_path, {**ASKED, "datasets": ["reviews", "shortcuts"]})
    for name, other in (("reviews", "shortcuts"), ("shortcuts", "reviews")):
        wildcards, found = SimpleNamespace(dataset=name), planned.annotators
        assert found.table(wildcards) == [f"results/studies/demo/annotators/{name}.parquet"]
        assert found.dataset(wildcards) in planned.dataset_files()
        assert found.split(wildcards) == found.dataset(wildcards).replace("dataset.json", "test.parquet")
        places = [found.dataset(wildcards), found.split(wildcards), found.tokens(wildcards)]
        assert all(name in place and other not in place for place in places)
        assert found.tokens(wildcards) == planned.test_tokens(
            SimpleNamespace(run=next(run for run in planned.runs if run.startswith(name)))
        )


def test_only_the_metrics_that_need_evidence_are_asked_of_people(tmp_path):
    found = plan(tmp_path, ASKED).annotators
    assert [one["name"] for one in json.loads(found.metrics(REVIEWS))] == ["evidence-auprc", "precision-at-k"]
    assert json.loads(found.metrics(REVIEWS))[1]["options"]["k"] == 3


def test_models_and_other_metrics_are_not_in_its_code(tmp_path):
    first = plan(tmp_path, ASKED).annotators.code(REVIEWS)
    grid = {"encoder": "cnn", "attention": "dot"}
    other = plan(tmp_path, {"grid": grid, "metrics": ASKED["metrics"][1:]}).annotators.code(REVIEWS)
    fewer = plan(tmp_path, {"metrics": ["evidence-auprc"]}).annotators.code(REVIEWS)
    assert first == other != fewer


@pytest.mark.parametrize(("changes", "option"), [({}, ""), ({"disclose": ["reviews"]}, "--disclose")])
def test_identifiers_are_kept_where_the_study_discloses_them(tmp_path, changes, option):
    assert plan(tmp_path, {**ASKED, **changes}).annotators.disclosure(REVIEWS) == option
