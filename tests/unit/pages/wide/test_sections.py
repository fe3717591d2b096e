"""What a value and the lines below it say; expected texts are written by hand."""

import pandas as pd
import pytest

from attnexplain.figures.style import Style
from attnexplain.pages.wide import markdown
from attnexplain.pages.wide.measures import wide
from attnexplain.pages.wide.sections import WIDEST, bare, blocks, marks_of
from attnexplain.tables import statistics
from report_tables import cell, frame, statistics_table

TAU = {"study": "demo", "class": "all", "metric": "kendall-tau", "options": "{}", "method": "attention"}
COUNTS = {"n_examples": 872, "n_seeds": 3, "n_undefined": 9}
MEAN = {"mean": 0.2351, "ci_low": 0.1949, "ci_high": 0.2753, "ci_kind": "two-way"}


def row(encoder="bilstm", method_b="gradient", control="none", dataset="sst", **more):
    return {**TAU, **cell(dataset, encoder, "additive", control), "method_b": method_b, **COUNTS, **MEAN, **more}


def found(rows, confidence=0.95, style=None, **columns):
    """Blocks of a table; `columns` are set as they are, also those that the schema does not have."""
    table = wide(frame(rows, statistics.SCHEMA).assign(**columns))
    return list(blocks(table, marks_of(table, confidence), style or Style()))


def section(rows, **more):
    return found(rows, **more)[0].sections[0]


def test_a_value_has_its_interval_and_lines_for_chance_ceiling_and_published():
    about = {"null_low": -0.0119, "null_high": 0.0121, "ceiling": 0.61, "published": 0.35, "published_source": "a & b"}
    made = section([row(**about)])
    assert made.models[0].lines == [
        ("", [".235 [.195, .275]"]),
        ("chance", ["[−.012, .012]"]),
        ("ceiling", [".610"]),
        ("published", [".35 (a)"]),
    ]
    assert (made.notes, made.sizes) == ({"a": "a & b"}, "872 texts × 3 seeds, 9 undefined")


def test_sizes_stand_below_each_model_where_they_differ():
    made = section([row(), row("cnn", n_examples=1870, n_seeds=1, n_undefined=0)])
    assert made.sizes == "872 to 1,870 texts × 1 to 3 seeds, 0 to 9 undefined"
    assert [model.lines[-1] for model in made.models] == [
        ("texts × seeds", ["872 × 3, 9 undefined"]),
        ("texts × seeds", ["1,870 × 1"]),
    ]


def test_a_missing_value_has_its_reason_and_a_value_never_given_says_so():
    rows = [row(), row("cnn", mean=None, ci_low=None, ci_high=None, missing_reason="no source")]
    made = section([*rows, row(method_b="random")])
    assert [model.lines[0][1] for model in made.models] == [[".235 [.195, .275]"] * 2, ["– (a)", "– (b)"]]
    assert made.notes == {"a": "no value: no source", "b": "no value: not computed for this model"}


def test_a_data_set_without_any_value_is_a_sentence_with_every_reason_once():
    gone = {"mean": None, "ci_low": None, "ci_high": None, "ci_kind": None, "missing_reason": "no file train.txt"}
    block = found([row(**gone), row("cnn", **gone), row(dataset="imdb")])[1]
    assert block.sections == []
    assert block.absent == [("Kendall τ of attention with other scores", ["no file train.txt"])]
    text = markdown.page("demo", [block], marks_of(wide(frame([row()], statistics.SCHEMA)), 0.95))
    assert "- Kendall τ of attention with other scores: no file train.txt" in text


def test_tests_and_rarer_kinds_of_intervals_have_marks_with_a_legend():
    rows = [row(), row("cnn"), row("average", ci_kind="examples-only")]
    made = section(rows, p_adjusted=[0.05, 0.051, 0.2], p_equivalence_adjusted=[0.3, 0.01, None])
    values = {model.name: model.lines[0][1][0].rpartition("]")[2] for model in made.models}
    assert values == {"BiLSTM, additive": " *", "CNN, additive": " ≈", "Average, additive": " †"}
    assert made.legend == [
        "* differs from chance (p ≤ .05, Holm over the tests of the study)",
        "≈ equal to chance within the declared margin (p ≤ .05, Holm over the tests of the study)",
        "† interval: examples-only",
    ]
    assert section(rows[:2]).legend == []


def test_tests_of_one_seed_have_no_mark():
    """One model far from chance says nothing about models of its kind; another with three seeds keeps its marks."""
    rows = [row(), row("cnn"), row("average", ci_kind="examples-only", n_seeds=1)]
    made = section(rows, p_adjusted=[0.2, 0.01, 1e-9], p_equivalence_adjusted=[None, None, 1e-9])
    values = {model.name: model.lines[0][1][0].rpartition("]")[2] for model in made.models}
    assert values == {"BiLSTM, additive": "", "CNN, additive": " *", "Average, additive": " †"}


def test_a_bin_without_texts_says_so():
    quartile = {"metric": "permutation:tvd_median:q25:0.75-1", "method_b": None}
    made = section([row(**quartile), row("cnn", metric="permutation:tvd_median", method_b=None)])
    assert set(made.notes.values()) == {
        "no value: no text of this model lies in the bin",
        "no value: not computed for this model",
    }


def test_a_group_of_many_columns_is_parted_into_tables_of_like_width():
    methods = ["a", "b", "c", "d", "e"]
    sections = found([row(method_b=name) for name in methods])[0].sections
    assert [len(one.columns) for one in sections] == [2, 3]
    assert [one.title[-8:] for one in sections] == ["(1 of 2)", "(2 of 2)"]
    assert max(len(one.columns) for block in found(rows_of_all()) for one in block.sections) <= WIDEST


def rows_of_all():
    table = statistics_table()
    return table.astype(object).where(table.notna(), None).to_dict("records")


def test_names_are_those_of_the_study():
    made = found([row(control="untrained")], style=Style({"bilstm": "LSTM both ways", "sst": "Treebank"}))[0]
    assert (made.title, made.sections[0].models[0].name) == ("Treebank", "LSTM both ways, additive (untrained)")


@pytest.mark.parametrize(("text", "said"), [("0.235", ".235"), ("−0.071", "−.071"), ("1.000", "1.000"), ("–", "–")])
def test_a_zero_before_the_point_is_left_out(text, said):
    assert bare(text) == said


def test_every_number_of_the_table_stands_on_the_page():
    table = pd.DataFrame(rows_of_all())
    laid_out = wide(table)
    page = markdown.page("demo", list(blocks(laid_out, marks_of(laid_out, 0.95), Style())), marks_of(laid_out, 0.95))
    for mean, low, high in table.loc[table["class"] == "all", ["mean", "ci_low", "ci_high"]].astype(float).to_numpy():
        ends = [bare(f"{round(end, 3) + 0.0:.3f}".replace("-", "−")) for end in (mean, low, high)]
        assert "{} [{}, {}]".format(*ends) in page
    widths = {line.count(" | ") for line in page.splitlines() if line.startswith("| ")}
    assert max(widths) == WIDEST
