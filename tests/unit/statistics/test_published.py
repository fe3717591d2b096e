"""Expected numbers: read by eye in the files of the authors' repository (figures of both commits)."""

import pytest

from attnexplain.statistics.published import (
    FOLDER,
    SIGNIFICANT,
    SPREAD,
    numbers,
    printed_as_nan,
    protocol,
    published_for,
    with_published,
)

CELL = {"dataset": "sst", "encoder": "bilstm", "attention": "additive", "normaliser": "softmax"}
ROW = {**CELL, "regulariser": "none", "control": "none", "class": "0", "metric": "kendall-tau"}
PAIR = {"method": "attention", "method_b": "gradient"}
TEST = {"class": "all", "method": None, "method_b": None}


def find(**wanted):
    found = [n for n in numbers() if all(getattr(n, name) == value for name, value in wanted.items())]
    return {number.result_set: number.value for number in found}


def test_both_sets_are_read():
    model = {"dataset": "sst", "encoder": "bilstm", "attention": "additive"}
    pair = {"method": "attention", "method_b": "gradient", "class_": "0"}
    assert find(**model, **pair, metric="kendall-tau") == {"A": 0.40, "B": 0.34}
    assert find(**model, **pair, metric=SIGNIFICANT) == {"A": 0.59, "B": 0.48}
    assert find(**model, metric="accuracy")["A"] == 0.820


def test_set_b_stands_beside_ours():
    row = with_published({**ROW, **PAIR})
    assert (row["published"], row["published_source"]) == (0.34, "Jain & Wallace (2019), set B")
    assert published_for({**ROW, "metric": "accuracy", **TEST}).result_set == "B"


@pytest.mark.parametrize(
    "change",
    [
        {"normaliser": "sparsemax"},
        {"regulariser": "tying"},
        {"control": "untrained"},
        {"encoder": "bilstm-3fa94c"},
        {"dataset": "planted-sentiment"},
        {"metric": "evidence-auprc"},
        {"class": "7"},
        {"method_b": "random"},
    ],
)
def test_another_model_or_measure_has_no_published_number(change):
    row = with_published({**ROW, **PAIR, **change})
    assert (row["published"], row["published_source"]) == (None, None)


def test_numbers_printed_as_nan_are_left_out():
    model = {"dataset": "imdb", "encoder": "average", "attention": "dot", "class_": "1", "method_b": "gradient"}
    assert find(**model, metric="kendall-tau") == {}
    assert set(find(**model, metric=SIGNIFICANT)) == {"A", "B"}


def test_methods_of_a_pair_stand_in_alphabetical_order():
    assert all(n.method_b is None or n.method < n.method_b for n in numbers())


def test_quartiles_under_permuted_attention_are_read_bin_by_bin():
    model = {"dataset": "sst", "encoder": "bilstm", "attention": "additive", "class_": "1", "method": "attention"}
    found = [find(**model, metric=f"permutation:tvd_median:{name}:0.25-0.5") for name in ("q25", "median", "q75")]
    assert found == [{"A": 0.024, "B": 0.017}, {"A": 0.050, "B": 0.035}, {"A": 0.106, "B": 0.072}]
    # Contradiction is class 1 of set A: its file reads A,snli,1,...,0-0.25,0.015.
    snli = {**model, "dataset": "snli", "class_": "0", "metric": "permutation:tvd_median:median:0-0.25"}
    assert find(**snli)["A"] == 0.015


def test_standard_deviations_and_numbers_printed_as_nan():
    model = {"dataset": "sst", "encoder": "bilstm", "attention": "additive", "class_": "0", "method_b": "gradient"}
    assert find(**model, metric=SPREAD) == {"A": 0.21, "B": 0.21}
    lines = (FOLDER / "jain_wallace_2019_kendall.csv").read_text().splitlines()
    assert printed_as_nan() == sum(line.count("NaN") for line in lines) == 34


def test_every_number_of_the_reference_files_is_carried():
    """Counted in the text of the files: all cells right of the names, less NaN and empty ones."""
    names = {"kendall": 6, "performance": 4, "permutation": 6}
    counted = 0
    for file, n_names in names.items():
        for line in (FOLDER / f"jain_wallace_2019_{file}.csv").read_text().splitlines()[1:]:
            counted += sum(cell not in ("", "NaN") for cell in line.split(",")[n_names:])
    assert len(numbers()) == counted
    assert len({(number.result_set, *number.key) for number in numbers()}) == counted


def test_classes_of_snli_are_ours_in_both_sets():
    """Class 0 of ours, contradiction, is class 1 of set A; the file's row reads A,snli,1,...,0.42."""
    model = {"dataset": "snli", "encoder": "bilstm", "attention": "additive", "method_b": "gradient"}
    found = [find(**model, class_=name, metric="kendall-tau") for name in ("0", "1", "2")]
    assert found == [{"A": 0.42, "B": 0.31}, {"A": 0.40, "B": 0.33}, {"A": 0.36, "B": 0.31}]
    sst = find(
        dataset="sst", encoder="bilstm", attention="additive", method_b="gradient", class_="1", metric="kendall-tau"
    )
    assert sst["A"] == 0.38


def test_every_published_data_set_has_its_protocol():
    for number in numbers():
        assert protocol(number.result_set, number.dataset)["vectors"]
    assert protocol("B", "sst")["min_length"] == 6
    assert protocol("B", "sst")["max_length"] is None


def test_training_of_the_released_code_belongs_to_set_b():
    assert {name: protocol("B", "babi-2")[name] for name in ("epochs", "batch_size")} == {
        "epochs": 100,
        "batch_size": 50,
    }
    assert (protocol("B", "imdb")["selection"], protocol("B", "snli")["selection"]) == ("roc-auc", "accuracy")
    assert protocol("A", "imdb")["epochs"] is None
