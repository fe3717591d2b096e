"""Stage `figure` on files of an invented study. Expected: the tables' own numbers; each class from the test split."""

import json
from pathlib import Path

import pandas as pd
import pytest

import report_tables as tables
from attnexplain.errors import ResultError
from attnexplain.registry import facts
from attnexplain.stages import figure
from report_files import StudyFiles, write_study


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
