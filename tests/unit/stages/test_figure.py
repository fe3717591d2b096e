"""Stage `figure` on files of an invented study. Expected: the tables' own numbers; each class from the test split."""

import json
from pathlib import Path

import pandas as pd
import pytest

import report_tables as tables
from attnexplain.errors import ResultError
from attnexplain.registry import BUILT_IN, facts
from attnexplain.stages import figure
from attnexplain.tables import experiments, io
from report_files import StudyFiles, write_study, write_table


def _reads_runs(name: str) -> bool:
    return bool(set(facts("figure", name)["reads"]) & set(figure.OF_RUNS))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFiles:
    return write_study(tmp_path_factory.mktemp("study"), texts=20)


def _run(name: str, study: StudyFiles, output: Path, **changed: object) -> None:
    inputs = {"tables": study.tables, "measures": study.measures, "texts": study.texts, "runs": study.runs, **changed}
    figure.run(figure=name, settings=tables.SETTINGS, output=output, provenance={"code": "x"}, **inputs)


def test_writes_svg_png_and_the_plotted_numbers(study: StudyFiles, tmp_path: Path) -> None:
    _run("tau-by-encoder", study, tmp_path / "figures" / "tau-by-encoder")
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == [
        *("tau-by-encoder.csv", "tau-by-encoder.png", "tau-by-encoder.svg")
    ]
    plotted = pd.read_csv(tmp_path / "figures" / "tau-by-encoder.csv", float_precision="round_trip")
    assert set(plotted["mean"].dropna()) <= set(tables.statistics_table()["mean"])


def test_a_figure_reads_only_what_it_names(study: StudyFiles, tmp_path: Path) -> None:
    absent = {"measures": [tmp_path / "none.parquet"], "runs": tmp_path / "none"}
    _run("method-agreement", study, tmp_path / "one", **absent)
    assert (tmp_path / "one.svg").is_file()


def test_measures_come_with_cell_seed_and_the_class_predicted_on_test(study: StudyFiles) -> None:
    found = figure.read_measures(study.measures, study.runs, facts("figure", "tau-distributions")["measures"])
    keys = [*tables.cell("", "", ""), "seed", "method", "method_b", "example_id"]
    # A run's predictions are one per text, those of the first pair in the invented table.
    expected = tables.measures_table(20)
    expected = expected[expected["method"] == "attention"]
    first = expected.drop_duplicates([key for key in keys if key != "method_b"]).drop(columns=["method_b", "value"])
    expected = expected.drop(columns=["class", "class_name"]).merge(
        first[[*(key for key in keys if key != "method_b"), "class", "class_name"]], how="left"
    )
    pd.testing.assert_frame_equal(
        found[[*keys, "value", "class", "class_name"]].sort_values(keys, ignore_index=True),
        expected[[*keys, "value", "class", "class_name"]].sort_values(keys, ignore_index=True),
        check_dtype=False,
    )


def test_answers_to_questions_are_shown_together(tmp_path: Path) -> None:
    study, wanted = write_study(tmp_path, texts=20), facts("figure", "tau-distributions")["measures"]
    whole = figure.read_measures(study.measures, study.runs, wanted)
    for path in study.measures:
        file = study.runs / path.stem / "spec.json"
        about = json.loads(file.read_text())
        about["dataset"] |= {"task": "question-answering"}
        file.write_text(json.dumps(about))
    found = figure.read_measures(study.measures, study.runs, wanted)
    assert set(found["class"]) == {"all"} and set(found["class_name"]) == {"all answers"}
    pd.testing.assert_series_equal(found["value"], whole["value"])


def test_only_the_wanted_metric_pairs_and_controls_are_read(study: StudyFiles) -> None:
    wanted = {"metric": "kendall-tau", "pairs": [["leave-one-out", "attention"]], "controls": ["none"]}
    found = figure.read_measures(study.measures, study.runs, wanted)
    assert set(found["method_b"]) == {"leave-one-out"} and set(found["control"]) == {"none"}
    assert figure.read_measures(study.measures, study.runs, {**wanted, "metric": "other"}).empty


def test_without_any_measures_the_columns_are_still_there(study: StudyFiles) -> None:
    found = figure.read_measures([], study.runs, facts("figure", "tau-distributions")["measures"])
    assert found.empty and {"value", "class", "class_name", "seed", "dataset"} <= set(found)


def test_a_missing_table_is_named(study: StudyFiles, tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"statistics\.parquet: no such file"):
        _run("tau-by-encoder", study, tmp_path / "one", tables=tmp_path)


def test_measures_without_predictions_are_refused(study: StudyFiles, tmp_path: Path) -> None:
    copy = write_study(tmp_path, texts=5)
    path = next(path for path in copy.measures if path.is_file())
    (copy.runs / path.stem / "predictions.parquet").unlink()
    with pytest.raises(ResultError, match=r"predictions\.parquet: no such file"):
        _run("tau-distributions", copy, tmp_path / "one")


def test_columns_of_experiments_stand_side_by_side_by_run_and_text(study: StudyFiles) -> None:
    wanted = facts("figure", "adversary-by-max-attention")["experiments"]
    found = figure.read_experiments(study.measures, study.runs, wanted)
    assert set(found["experiment"]) == {"adversary-2c1f9a", "adversary-exact-77aa00"}
    assert set(found["control"]) == {"none", "untrained"}
    keys = [*tables.cell("", "", ""), "seed", "experiment", "example_id"]
    columns = ["jsd_max", "jsd_found", "is_exact", "max_attention"]
    table = tables.experiments_table(20)
    expected = table[table["experiment"].isin(["adversary-2c1f9a", "adversary-exact-77aa00"])]
    pd.testing.assert_frame_equal(
        found[[*keys, *columns]].sort_values(keys, ignore_index=True),
        expected[[*keys, *columns]].sort_values(keys, ignore_index=True),
        check_dtype=False,
    )


def test_experiments_have_the_class_predicted_on_test(study: StudyFiles) -> None:
    wanted = {"columns": {"permutation": ["tvd_median"]}, "controls": ["none"]}
    found = figure.read_experiments(study.measures, study.runs, wanted)
    keys = [*tables.cell("", "", ""), "seed", "example_id"]
    # The invented table of measures comes first in the files that the classes are written from.
    first = tables.measures_table(20).drop_duplicates(keys)[[*keys, "class"]]
    joined = found.merge(first, on=keys, suffixes=("", "_expected"))
    assert len(joined) == len(found) and (joined["class"] == joined["class_expected"]).all()
    assert set(found["class_name"]) == {"negative", "positive"} and list(found)[-1] == "tvd_median"


def test_an_experiment_that_a_study_has_not_gives_an_empty_table(study: StudyFiles) -> None:
    wanted = {"columns": {"other": ["value"]}, "controls": ["none"]}
    found = figure.read_experiments(study.measures, study.runs, wanted)
    assert found.empty and {"experiment", "class_name", "example_id", "value", "seed"} <= set(found)


@pytest.mark.parametrize("name", [name for name in sorted(BUILT_IN["figure"]) if _reads_runs(name)])
def test_figures_are_drawn_from_files_of_runs_and_without_any(name: str, study: StudyFiles, tmp_path: Path) -> None:
    _run(name, study, tmp_path / "one")
    assert len(pd.read_csv(tmp_path / "one.csv")) > 5
    _run(name, study, tmp_path / "empty", measures=[], texts=[], tables=_without_rows(tmp_path))
    assert pd.read_csv(tmp_path / "empty.csv").empty


def _without_rows(folder: Path) -> Path:
    for name, schema in figure.TABLES.items():
        write_table(folder / "tables", name, getattr(tables, f"{name}_table")().iloc[:0], schema)
    return folder / "tables"


def test_single_texts_come_with_both_attentions_and_the_prediction(study: StudyFiles) -> None:
    found = figure.read_texts(study.texts, study.runs, {"words": 10})
    expected = tables.texts_table()
    expected = expected[expected["tokens"].map(lambda tokens: isinstance(tokens, list) and len(tokens) <= 10)]
    keys = ["dataset", "example_id"]
    found, expected = (table.sort_values(keys, ignore_index=True) for table in (found, expected))
    same = [*keys, "jsd", "tvd", "class_name", "seed"]
    pd.testing.assert_frame_equal(found[same], expected[same], check_dtype=False)
    assert [list(tokens) for tokens in found["tokens"]] == expected["tokens"].tolist()
    for name in ("learned", "found"):
        for ours, theirs in zip(found[name], expected[name], strict=True):
            assert list(ours) == pytest.approx(theirs, abs=1e-6)
    assert set(found["experiment"]) == {"adversary-exact-77aa00"} and found["probability"].tolist() == pytest.approx(
        [0.9] * len(found), abs=1e-6
    )


def test_long_texts_alone_are_said_to_be_too_long(study: StudyFiles) -> None:
    found = figure.read_texts(study.texts, study.runs, {"words": 7})
    assert found["missing_reason"].tolist() == ["no test text of at most 7 words"] * 2
    assert found["tokens"].isna().all()


@pytest.mark.parametrize("access", ["credentialed", None, "something else"])
def test_texts_are_read_of_open_data_alone(access: str | None, tmp_path: Path) -> None:
    study = write_study(tmp_path, texts=5)
    run = next(path.parents[1] for path in study.texts if "sst." in str(path))
    about = json.loads((run / "spec.json").read_text())
    (run / "spec.json").write_text(json.dumps({**about, "access": access}))
    for path in (path for path in study.texts if path.is_relative_to(run)):
        path.write_bytes(b"not to be opened")
    found = figure.read_texts(study.texts, study.runs, {"words": 25}).set_index("dataset")
    assert found.loc["sst", "missing_reason"] == "texts of a credentialed data set are not shown"
    assert found.loc[["sst"], ["tokens", "example_id", "learned", "found"]].isna().all(axis=None)
    assert found.loc["planted-sentiment", "missing_reason"].isna().all()
    _run("attention-heatmaps", study, tmp_path / "one")
    plotted = pd.read_csv(tmp_path / "one.csv").set_index("dataset")
    assert plotted.loc[["sst"], "token"].isna().all() and plotted.loc["planted-sentiment", "token"].notna().all()


def test_a_search_alone_gives_its_texts_too(tmp_path: Path) -> None:
    study = write_study(tmp_path, texts=5)
    for path in study.texts[1::2]:
        table = io.read_table(path, experiments.SCHEMA).drop_columns(["jsd_found"])
        io.write_table(path.with_name("adversary.parquet"), table, experiments.SCHEMA, {})
    paths = [study.texts[0], study.texts[1].with_name("adversary.parquet")]
    found = figure.read_texts(paths, study.runs, {"words": 25})
    assert set(found["experiment"]) == {"adversary"} and set(found["jsd"]) == {0.69}
