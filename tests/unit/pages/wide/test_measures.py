"""Which rows and columns the wide table has, on the invented study."""

import pandas as pd
import pytest

from attnexplain.errors import ResultError
from attnexplain.figures.style import Style
from attnexplain.pages.wide.measures import Measure, wide
from attnexplain.pages.wide.sections import column_name, groups
from report_tables import cells, statistics_table


@pytest.fixture(scope="module")
def table():
    return statistics_table()


def test_every_cell_is_a_row_in_blocks_of_data_sets_with_controls_after_the_trained_models(table):
    found = wide(table).cells
    assert sorted(found) == sorted(tuple(cell.values()) for cell in cells())
    datasets, controls = [cell[0] for cell in found], [cell[-1] for cell in found]
    assert datasets == sorted(datasets)
    assert controls[: len(found) // 2] == ["none"] * 6 + ["shuffled-labels"] * 3 + ["untrained"] * 3
    assert [cell[2:4] for cell in found[:3]] == [("average", "additive"), ("average", "dot"), ("bilstm", "additive")]


def test_every_value_of_all_classes_is_found_under_its_cell_and_measure(table):
    laid_out = wide(table)
    rows = table[table["class"] == "all"]
    assert len(laid_out.rows) == len(rows)
    for row in rows.sample(40, random_state=0).to_dict("records"):
        method, method_b = (None if pd.isna(row[name]) else row[name] for name in ("method", "method_b"))
        cell = tuple(row[name] for name in cells()[0])
        assert laid_out.row(cell, Measure(row["metric"], method, method_b))["mean"] == row["mean"]


def test_the_order_of_rows_in_the_file_does_not_matter(table):
    shuffled = wide(table.sample(frac=1, random_state=1))
    assert (shuffled.cells, shuffled.measures) == (wide(table).cells, wide(table).measures)


def test_performance_comes_first_and_pairs_with_attention_before_the_others(table):
    names = [measure.name for measure in wide(table).measures]
    assert names[0] == "accuracy"
    pairs = [name for name in names if name.startswith("kendall-tau/")]
    assert [name.startswith("kendall-tau/attention/") for name in pairs] == [True] * 5 + [False] * 10


def test_two_rows_of_one_number_are_refused(table):
    with pytest.raises(ResultError, match=r"two rows of accuracy for planted-sentiment"):
        wide(pd.concat([table, table[(table["class"] == "all") & (table["metric"] == "accuracy")].tail(1)]))


def test_a_column_is_named_by_what_its_table_does_not_say():
    style = Style({"permutation:tvd_median": "distance"})
    measures = {
        "accuracy": Measure("accuracy"),
        "Leave-one-out": Measure("kendall-tau", "attention", "leave-one-out"),
        "Gradient, Random": Measure("kendall-tau", "gradient", "random"),
        "Gradient": Measure("evidence-auprc", "gradient"),
        "distance": Measure("permutation:tvd_median", "attention"),
        "tvd_median, q25, 0-0.25": Measure("permutation:tvd_median:q25:0-0.25", "attention"),
        "value: Gradient": Measure("retest:value", "gradient"),
    }
    assert [column_name(one, style) for one in measures.values()] == ["Accuracy", *list(measures)[1:]]


def test_groups_are_metrics_experiments_and_performance(table):
    titles = [title for title, _ in groups(wide(table).measures, Style())]
    assert titles[0] == "Performance on test"
    assert "Kendall τ of attention with other scores" in titles and "Kendall τ between other scores" in titles
    assert len(titles) == len(set(titles)) == 7
