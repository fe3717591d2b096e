"""Published numbers beside ours as the page prints them: digits, dashes, notes, counts, vectors."""

import pandas as pd
import pytest

from attnexplain.pages.numbers import Notes, letters, numbers
from attnexplain.pages.page import page
from attnexplain.pages.results import chosen
from attnexplain.pages.summary import counts, setup, vectors
from attnexplain.tables import replication, runs
from report_tables import cell, frame
from study_tables import axes, replicated, study

ONE = axes(cell("sst", "bilstm", "additive"))
PAIR = {"method": "attention", "method_b": "gradient"}


def table(*rows):
    return frame(list(rows), replication.SCHEMA)


def test_letters_go_on_after_z():
    assert [letters(place) for place in (0, 25, 26, 27, 51, 52, 702)] == ["a", "z", "aa", "ab", "az", "ba", "aaa"]
    notes = Notes()
    assert [notes.letter(text) for text in ("x", "y", "x")] == ["a", "b", "a"]
    assert notes.text() == "- **a**: x\n- **b**: y"


def test_both_sets_stand_in_one_row_and_the_difference_is_to_set_b():
    rows = table(
        replicated(ONE, "kendall-tau", 0.40, 0.30, result_set="A", **PAIR),
        replicated(ONE, "kendall-tau", 0.34, 0.30, result_set="B", **PAIR),
    )
    text = numbers(rows, "sst")
    ours = "0.300 [0.250, 0.350] | −0.04 | yes | 2 | 50 | a |"
    assert f"| BiLSTM | additive | Attention vs gradient | all | 0.40 | 0.34 | {ours}" in text
    told = "seeds: published 1, ours 2"
    assert f"- **a**: against set A: {told}; against set B: {told}" in text


def test_where_set_b_has_no_number_the_difference_is_to_set_a():
    metric = "permutation:tvd_median:q25:0.75-1"
    text = numbers(table(replicated(ONE, metric, 0.037, 0.2, result_set="A", method="attention")), "sst")
    assert (
        "| BiLSTM | additive | 0.75-1 | q25 | all | 0.037 | – | 0.200 [0.150, 0.250] | +0.163 | no | 2 | 50 | a |"
        in text
    )


def test_a_number_without_interval_is_not_judged_and_a_missing_one_says_why():
    rows = table(
        replicated(ONE, "kendall-tau:std", 0.21, 0.2, half=None, **PAIR),
        replicated({**ONE, "class": "1"}, "kendall-tau:std", 0.19, **PAIR),
    )
    text = numbers(rows, "sst")
    assert "| all | – | 0.21 | 0.200 | −0.01 | – | 2 | 50 | a |" in text
    assert "| 1 | – | 0.19 | – | – | – | – | – | b |" in text
    assert "- **b**: ours is missing: no test example is predicted as class 1" in text
    assert "<b>SST</b>: 2 published numbers, 1 beside ours; 0 of 0 inside our interval" in text


def test_a_set_without_any_run_is_one_line():
    text = numbers(table(replicated(ONE, "accuracy", 0.8, missing_reason="no file 'a_b.csv'")), "sst")
    assert text == "**SST**: 1 published numbers, none of ours: no file 'a\\_b.csv'."


def test_counts_are_those_of_the_rows():
    rows = table(
        replicated(ONE, "accuracy", 0.80, 0.82),
        replicated(ONE, "accuracy", 0.90, 0.82, result_set="A"),
        replicated(ONE, "f1", 0.80, 0.60, half=0.3),
        replicated(ONE, "kendall-tau", 0.3, **PAIR),
        replicated(ONE, "kendall-tau:std", 0.3, 0.2, half=None, **PAIR),
    )
    text = counts(rows, 0.95)
    assert text.startswith(
        "Of 5 published numbers of the planned models, 4 stand beside ours. 3 of these have an interval"
    )
    assert "and 2 lie inside it" in text
    assert "| Performance on test | 3 | 3 | 3 | 2 | 2 | 1 | 0.080 | −0.080 |" in text
    assert "| Set A | 1 | 1 | 1 | 0 | 1 | 0 | 0.080 | −0.080 |" in text
    assert "| SST | 5 | 4 | 3 | 2 | 2 | 1 | 0.090 | −0.090 |" in text
    assert "- 1: no test example is predicted as class 1 (SST)" in text
    assert "34 more numbers are printed as NaN" in text


def other(ours, tau, half=0.01):
    rows = table(
        replicated(ONE, "accuracy", 0.80, ours, half, vectors="glove.txt (50-d)"),
        replicated(ONE, "kendall-tau", 0.35, tau, half, vectors="glove.txt (50-d)", **PAIR),
    )
    return study("glove", ("sst",), replication=rows)


def plain():
    rows = table(
        replicated(ONE, "accuracy", 0.80, 0.70, 0.01), replicated(ONE, "kendall-tau", 0.35, 0.20, 0.01, **PAIR)
    )
    return chosen([study(replication=rows)])


@pytest.mark.parametrize(
    ("ours", "tau", "accuracy_moves", "tau_moves", "clear"),
    [(0.78, 0.30, "move towards", "move towards", "1 of them by a clear change, and 0 lie farther"),
     (0.60, 0.10, "do not move towards", "do not move towards", "0 of them by a clear change, and 1 lie farther"),
     (0.705, 0.195, "move towards", "do not move towards", "0 of them by a clear change, and 0 lie farther")],
)  # fmt: skip
def test_vectors_move_numbers_towards_the_published_ones_or_not(ours, tau, accuracy_moves, tau_moves, clear):
    text = vectors(plain(), other(ours, tau))
    assert f"**Accuracy**: with the other vectors the numbers {accuracy_moves} the published ones" in text
    assert f"**Kendall τ**: with the other vectors the numbers {tau_moves} the published ones" in text
    assert clear in text
    assert "- SST: glove.txt (50-d) in place of none (random)" in text
    assert "| SST | BiLSTM, additive | Kendall τ: Attention vs gradient | 0.35 | 0.200 [0.190, 0.210] |" in text


def test_a_study_with_the_same_vectors_is_not_compared():
    assert vectors(plain(), study()) is None


def test_what_was_run_is_read_from_the_runs():
    absent = {"study": "demo", **cell("imdb", "bilstm", "additive"), "seed": 1, "missing_reason": "no file 'x'"}
    planned = pd.concat([study().runs, frame([absent], runs.SCHEMA)])
    text = setup([study(runs=planned)])
    assert "| SST | none | 90 | 50 | 1, 2 | 8 | 3 to 4 | 0.75 to 0.80 | none (random) | 3 | untrained |" in text
    assert "- not run: IMDb (no file 'x')" in text


def test_each_data_set_is_taken_from_the_first_study_that_ran_it():
    absent = {"study": "a", **cell("imdb", "bilstm", "additive"), "seed": 1, "missing_reason": "no file"}
    first = study("a", ("sst",))
    first = study("a", ("sst",), runs=pd.concat([first.runs, frame([absent], runs.SCHEMA)]))
    results = chosen([first, study("b", ("imdb", "sst"))])
    assert set(results.runs.query("dataset == 'sst'")["study"]) == {"a"}
    assert set(results.runs.query("dataset == 'imdb'")["study"]) == {"b"}
    assert results.known == ["imdb", "sst"]


def test_a_page_has_all_parts_and_every_data_set():
    text = page([study(), study("glove")], {"tau-by-encoder": "x/tau-by-encoder.png"}, "x.csv")
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == ["## What was run", "## The claims", "## Controls", "## How near the numbers are", "## Figures",
                      "## Every published number"]  # fmt: skip
    assert "![Mean τ by encoder (figure 5)](x/tau-by-encoder.png)" in text
    assert text.count("<details>") == text.count("</details>") == 2
    assert not {"nan", "None", "<NA>"} & set(text.split())
