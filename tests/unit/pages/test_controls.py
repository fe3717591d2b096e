"""What the controls table says, and the sentence about adversaries, on hand-made numbers."""

import pandas as pd
import pytest

from attnexplain.pages.controls import COLUMNS, TRAINED, UNTRAINED, conclusion, controls, models
from attnexplain.pages.divergences import attained
from attnexplain.pages.results import Model, chosen
from attnexplain.tables import statistics
from report_tables import cell, frame
from study_tables import EXACT, MODELS, SEARCH, divergences, number, rows_of, study


def line(text, name):
    """Cells of the first row of a model, by column."""
    row = next(line for line in text.splitlines() if line.startswith(f"| {name} |"))
    return dict(zip(COLUMNS, (cell.strip() for cell in row.strip("|").split("|")), strict=True))


def test_a_row_holds_every_control_of_a_model():
    one = cell("sst", "bilstm", "additive")
    rows = rows_of(one)
    rows += [
        number(one, f"imposed-attention:{name}", value, 0.01, "attention")
        for name, value in (("tvd", 0.07), ("jsd", 0.2))
    ]
    rows.append(number(one, "nearest-uniform-aaaaaa:kl_uniform", 0.02, 0.001, "attention"))
    found = {"divergences": divergences(one, 0.45, 0.61, 0.66)}
    cells = line(controls(chosen([study(statistics=frame(rows, statistics.SCHEMA), **found)])), "BiLSTM, additive")
    assert cells["Accuracy"] == "0.800 [0.780, 0.820]"
    assert cells["Permuted: mean TVD"] == "0.050 [0.040, 0.060]"
    assert cells["Search: mean JSD"] == "0.500 [0.470, 0.530]"
    assert (cells["Share exact"], cells["Found: mean JSD"], cells["Of any attention's"]) == ("0.90", "0.610", "0.90")
    assert (cells["Imposed: TVD"], cells["Imposed: JSD"]) == ("0.070 [0.060, 0.080]", "0.200 [0.190, 0.210]")
    assert (cells["Nearest uniform: KL / ln L"], cells["Least mass on evidence"]) == ("0.0200 [0.0190, 0.0210]", "–")


def test_what_is_not_measured_is_a_dash():
    cells = line(controls(chosen([study()])), "BiLSTM, additive (untrained)")
    assert (cells["Imposed: TVD"], cells["Least mass on evidence"]) == ("–", "–")


def test_trained_models_come_first():
    found = models(chosen([study()]), "sst")
    assert found == [Model("average", "additive"), TRAINED, Model("bilstm", "uniform"), UNTRAINED]


def told(near):
    """The sentence where the adversary of the models that `near` names is near-maximal, else far from it."""
    values = [divergences(cell("sst", *model), 0.3, 0.65 if near(Model(*model)) else 0.4, 0.66) for model in MODELS]
    return conclusion(chosen([study(datasets=("sst",), divergences=pd.concat(values))]))


def test_an_adversary_of_every_model_does_not_separate_models():
    text = told(lambda model: True)
    assert "is above 90 % of what any attention reaches, whatever it predicts, for 4 of 4 models" in text
    assert "(2 of 2 trained, 1 of 1 uniform and 1 of 1 untrained)" in text
    assert "its existence does not separate models" in text


def test_an_adversary_of_untrained_models_says_little_of_training():
    text = told(lambda model: model == UNTRAINED)
    assert "for 1 of 4 models (0 of 2 trained, 0 of 1 uniform and 1 of 1 untrained)" in text
    assert "Models that learnt nothing admit one at least as often" in text


def test_an_adversary_of_trained_models_alone_is_said_to_be_theirs():
    text = told(lambda model: model != UNTRAINED)
    assert "Not every model admits one" in text
    assert "does not separate" not in text


def test_trained_and_untrained_are_told_apart_by_the_interval_of_their_difference():
    trained, untrained = cell("sst", "bilstm", "additive"), cell("sst", "bilstm", "additive", "untrained")
    rows = rows_of(trained, permuted=0.2, jsd=(0.3, 0.66)) + rows_of(untrained, permuted=0.05, jsd=(0.5, 0.66))
    text = conclusion(chosen([study(datasets=("sst",), statistics=frame(rows, statistics.SCHEMA))]))
    assert "By permuted attention, the trained BiLSTM is above the untrained one on 1 and below it on 0 of 1" in text
    assert "By the search, the trained BiLSTM is above the untrained one on 0 and below it on 1 of 1" in text
    assert "(or its bound), the trained BiLSTM is above the untrained one on 0 and below it on 0 of 1" in text


def test_without_adversaries_nothing_is_concluded():
    rows = [number(cell("sst", *model), "accuracy", 0.8) for model in MODELS]
    none = {"statistics": frame(rows, statistics.SCHEMA), "divergences": study().divergences.iloc[:0]}
    assert "nothing can be said" in conclusion(chosen([study(**none)]))


def test_the_search_counts_as_found_where_its_margin_is_not_wider():
    one = cell("sst", "bilstm", "additive")
    found = divergences(one, 0.6, 0.5, 0.66)
    margin = {"options": '{"epsilon":0.01}'}
    changed = [{**row, **margin} if row["metric"].startswith(EXACT) else row for row in rows_of(one)]
    wide = frame(changed, statistics.SCHEMA)
    same = frame(rows_of(one), statistics.SCHEMA)
    for table, expected in ((same, 0.6), (wide, 0.5)):
        results = chosen([study(statistics=table, divergences=found)])
        assert (attained(results, "sst", TRAINED).table["found"] == expected).all()


def test_without_a_column_of_what_was_found_exact_answers_count():
    one = cell("sst", "bilstm", "additive")
    found = divergences(one, 0.1, 0.5, 0.66, texts=4, seeds=(1,))
    found = found[found["metric"] != f"{EXACT}:jsd_found"]
    is_exact = {**one, "seed": 1, "metric": f"{EXACT}:is_exact"}
    exact = pd.DataFrame([{**is_exact, "example_id": f"t{i}", "value": float(i < 2)} for i in range(4)])
    results = chosen([study(statistics=frame(rows_of(one), statistics.SCHEMA), divergences=pd.concat([found, exact]))])
    table = attained(results, "sst", TRAINED).table.sort_values("example_id")
    assert table["found"].tolist() == [0.66, 0.66, 0.1, 0.1]
    assert table["possible"].tolist() == [0.66] * 4


@pytest.mark.parametrize("missing", [SEARCH, EXACT])
def test_one_adversary_alone_is_enough(missing):
    one = cell("sst", "bilstm", "additive")
    rows = frame([row for row in rows_of(one) if not row["metric"].startswith(missing)], statistics.SCHEMA)
    found = divergences(one, 0.3, 0.5, 0.66)
    found = found[~found["metric"].str.startswith(missing)]
    results = chosen([study(statistics=rows, divergences=found)])
    assert (attained(results, "sst", TRAINED).table["found"] == (0.5 if missing == SEARCH else 0.3)).all()
