"""Distributions of tau: texts and numbers of the figure are those of the tables."""

import numpy as np

from figure_drawing import CELL, Tables, draw, figure_of, legend_of, texts_of


def test_tau_distributions_name_classes_with_their_n(full: Tables) -> None:
    figure, plotted = figure_of("tau-distributions")
    assert len(figure.axes) == 24 and len(plotted) == 24 * 2 * 30
    rows = plotted.drop_duplicates([*CELL, "method_b", "class"])
    measures = full["measures"][full["measures"]["method"] == "attention"]
    assert rows["n"].sum() == measures["value"].notna().sum()
    assert rows["n_undefined"].sum() == measures["value"].isna().sum()
    first = rows.iloc[0]
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend[0].startswith(f"{first['class_name']} (n = {first['n']}")
    heading = "Planted sentiment: Average, additive"
    assert figure.axes[0].get_title(loc="left").split("\n") == [heading, "", "Attention vs gradient"]
    assert legend_of(figure) == ["95 % of single texts under permutation"]


def test_controls_are_left_out_of_the_distributions(full: Tables) -> None:
    _, plotted = draw("tau-distributions", {**full, "measures": full["measures"].assign(control="untrained")})
    assert plotted.empty


def test_a_model_without_values_has_a_panel_that_says_why(full: Tables) -> None:
    statistics, measures = full["statistics"].copy(), full["measures"]
    absent = (statistics["dataset"] == "sst") & (statistics["encoder"] == "bilstm")
    statistics.loc[absent, ["mean", "missing_reason"]] = [np.nan, "no source"]
    kept = measures[~((measures["dataset"] == "sst") & (measures["encoder"] == "bilstm"))]
    figure, plotted = draw("tau-distributions", {"statistics": statistics, "measures": kept})
    assert len(figure.axes) == 24 and len(plotted) == 20 * 2 * 30
    assert texts_of(figure).count("no value: no source") == 4
