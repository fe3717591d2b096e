"""Which data sets have measures between runs, and what their jobs are given."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from studies import DIGEST, plan

REVIEWS = SimpleNamespace(dataset="reviews", cells="reviews")
ASKED = {"between": ["imposed-attention"]}


def test_a_study_that_does_not_ask_has_none(tmp_path):
    assert plan(tmp_path).between.table(REVIEWS) == []


def test_data_sets_with_two_seeds_have_a_table(tmp_path):
    found = plan(tmp_path, ASKED).between
    assert found.table(REVIEWS) == ["results/studies/demo/between/reviews.parquet"]
    assert len(found.models(REVIEWS)) == len(found.specs(REVIEWS)) == 8
    assert json.loads(found.plugins(REVIEWS)) == [
        {"name": "imposed-attention", "id": "imposed-attention", "options": {}}
    ]


def test_with_one_seed_there_is_none(tmp_path):
    assert plan(tmp_path, {**ASKED, "seeds": [1]}).between.table(REVIEWS) == []


def test_runs_of_cells_with_one_seed_and_of_other_data_sets_are_left_out(tmp_path):
    grid: list[dict[str, Any]] = [
        {"encoder": "bilstm", "attention": "dot"},
        {"encoder": "average", "attention": "dot", "seeds": [1]},
        {"encoder": "cnn", "attention": "dot", "seeds": [2], "datasets": ["shortcuts"]},
    ]
    found = plan(tmp_path, {**ASKED, "grid": grid, "datasets": ["reviews", "shortcuts"]}).between
    runs = [path.split("/")[2].split("-")[0] for path in found.models(REVIEWS)]
    assert runs == ["reviews.bilstm.dot.none.s1", "reviews.bilstm.dot.none.s2"]
    assert found.table(SimpleNamespace(dataset="shortcuts")) == ["results/studies/demo/between/shortcuts.parquet"]


def test_untrained_models_are_cells_of_their_own(tmp_path):
    narrowed = {"controls": ["untrained"], "exclude": [{"control": "untrained", "seed": 2}]}
    models = plan(tmp_path, {**ASKED, **narrowed}).between.models(REVIEWS)
    assert len(models) == 8 and not any("untrained" in path for path in models)


def test_tokens_are_those_of_the_data_set(tmp_path):
    planned = plan(tmp_path, ASKED)
    (folder,) = planned.tokens_folders
    assert planned.between.test_tokens(REVIEWS) == f"resources/tokens/{folder}/test.parquet"
    assert planned.between.class_list(REVIEWS) == []


def test_classes_left_to_the_data_are_an_input(tmp_path):
    files = {"train": {"path": "x.csv", "sha256": DIGEST}}
    mine = {"name": "mine", "title": "Mine", "task": "question-answering"}
    mine |= {"sources": {"files": {"reader": "delimited", "files": files}}}
    (tmp_path / "x.csv").write_text("")
    planned = plan(tmp_path, {**ASKED, "datasets": [mine]}, mirror=tmp_path)
    (folder,) = planned.tokens_folders
    found = planned.between.class_list(SimpleNamespace(dataset="mine", cells="mine"))
    assert found == [f"resources/tokens/{folder}/statistics.json"]


@pytest.mark.parametrize(("changes", "option"), [({}, ""), ({"disclose": ["reviews"]}, "--disclose")])
def test_identifiers_are_kept_where_the_study_discloses_them(tmp_path, changes, option):
    assert plan(tmp_path, {**ASKED, **changes}).between.disclosure(REVIEWS) == option


def test_the_code_is_that_of_the_compared_models_and_measures(tmp_path):
    every = plan(tmp_path, ASKED).between
    grid = {"encoder": "average", "attention": "dot"}
    some = plan(tmp_path, {**ASKED, "grid": grid}).between
    more = plan(tmp_path, {**ASKED, "grid": [grid, {"encoder": "cnn", "attention": "dot", "seeds": [1]}]}).between
    assert every.code(REVIEWS) != some.code(REVIEWS) == more.code(REVIEWS)


def test_measures_of_attributions_are_jobs_of_their_own(tmp_path):
    planned = plan(tmp_path, {"between": ["retest", "imposed-attention"]})
    assert planned.retest.table(REVIEWS) == ["results/studies/demo/retest/reviews.parquet"]
    assert planned.between.table(REVIEWS) == ["results/studies/demo/between/reviews.parquet"]
    ids = [[one["id"] for one in json.loads(part.plugins(REVIEWS))] for part in (planned.retest, planned.between)]
    assert ids == [["retest"], ["imposed-attention"]]
    found = planned.retest.attributions(REVIEWS)
    assert len(found) == 8 * 2 and {path.rpartition("/")[2] for path in found} == {
        "attention.parquet",
        "gradient.parquet",
    }


def test_either_kind_alone_plans_nothing_of_the_other(tmp_path):
    assert plan(tmp_path, ASKED).retest.table(REVIEWS) == []
    alone = plan(tmp_path, {"between": ["retest"]})
    assert alone.between.table(REVIEWS) == [] and alone.retest.table(REVIEWS) != []
    assert plan(tmp_path, {"between": ["retest"], "seeds": [1]}).retest.table(REVIEWS) == []


def test_the_code_of_comparing_attributions_is_that_of_no_model(tmp_path):
    every = plan(tmp_path, {"between": ["retest"]}).retest.tables_code(REVIEWS)
    some = plan(tmp_path, {"between": ["retest"], "grid": {"encoder": "average", "attention": "dot"}}).retest
    both = plan(tmp_path, {"between": ["retest", "imposed-attention"]}).retest
    assert every == some.tables_code(REVIEWS) == both.tables_code(REVIEWS)


def test_statistics_and_tables_know_of_it(tmp_path):
    planned = plan(tmp_path, ASKED)
    for settings in (planned.statistics_settings(REVIEWS), planned.tables_settings()):
        assert [one["id"] for one in json.loads(settings)["between"]] == ["imposed-attention"]
        assert json.loads(settings)["methods"] == ["attention", "gradient"]
