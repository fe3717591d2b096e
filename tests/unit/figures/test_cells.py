"""Names of cells and choice of rows. Expected texts are written out by hand."""

import pandas as pd

import report_tables as tables
from attnexplain.figures.cells import attention_name, dataset_name, of_pairs, pair_name, sort_cells, why_missing
from attnexplain.figures.style import Style


def test_a_subset_of_the_data_says_so() -> None:
    whole, subset = tables.cell("sst", "cnn", "dot"), tables.cell("sst", "cnn", "dot", limits="train=500,test=50")
    assert dataset_name(pd.Series(whole), Style()) == "SST"
    assert dataset_name(pd.Series(subset), Style()) == "SST [train=500,test=50]"


def test_normaliser_and_regulariser_are_named_where_they_are_not_the_plain_ones() -> None:
    row = pd.Series({**tables.cell("sst", "cnn", "dot"), "normaliser": "sparsemax", "regulariser": "mlm+tying"})
    assert attention_name(row, Style()) == "dot product, sparsemax, MLM + tying"


def test_attention_comes_first_in_a_pair_and_its_variants_belong_to_it() -> None:
    rows = pd.DataFrame({"method": ["attention", "gradient", "gradient"], "method_b": ["random"] * 3})
    rows.loc[1] = ["anchors", "attention"]
    rows.loc[2] = ["attention", "gradient-3fa94c"]
    assert pair_name(rows.loc[1], Style()) == "Attention vs anchors"
    assert of_pairs(rows).index.tolist() == [2]


def test_cells_are_sorted_with_the_trained_model_before_its_controls() -> None:
    controls = ["untrained", "none", "shuffled-labels"]
    rows = pd.DataFrame([tables.cell("sst", "cnn", "dot", control) for control in controls])
    assert sort_cells(rows)["control"].tolist() == ["none", "shuffled-labels", "untrained"]


def test_a_missing_value_is_explained_briefly() -> None:
    reason = "no source for this data set: " + "word " * 20
    assert why_missing(pd.Series({"missing_reason": reason})).endswith(" …")
    undefined = pd.Series({"missing_reason": None, "n_undefined": 2616})
    assert why_missing(undefined) == "no value: undefined for all 2,616 examples × seeds"
