"""Histograms of adversaries: texts and numbers of the figure are those of the tables."""

import numpy as np
import pandas as pd

from figure_drawing import CELL, Tables, draw, figure_of, legend_of


def test_adversary_histograms_draw_search_over_maximum_by_class() -> None:
    figure, plotted = figure_of("adversary-histograms")
    assert len(figure.axes) == 18 * 2
    sums = plotted.groupby([*CELL, "experiment", "class"])["fraction"].sum()
    np.testing.assert_allclose(sums, 1)
    first = plotted.iloc[0]
    assert figure.axes[0].get_title(loc="left") == f"{first['class_name']} (n = {first['n']})"
    assert legend_of(figure) == [
        "found by the search, TVD ≤ 0.05",
        "the maximum, TVD ≤ 0.05",
        "found; the maximum may be larger",
        "ln 2",
        "means",
    ]
    means = {round(float(line.get_xdata()[0]), 12) for ax in figure.axes for line in ax.lines}
    assert {round(mean, 12) for mean in plotted["mean"]} <= means


def test_two_margins_of_the_exact_answer_have_rows_of_their_own(small: Tables) -> None:
    wider = small["experiments"][small["experiments"]["experiment"] == "adversary-exact-77aa00"]
    both = pd.concat([small["experiments"], wider.assign(experiment="adversary-exact")])
    row = small["statistics"][small["statistics"]["metric"].str.startswith("adversary-exact-77aa00:")].iloc[[0]]
    row = row.assign(metric="adversary-exact:jsd_max", options='{"epsilon":0.01}')
    statistics = pd.concat([small["statistics"], row])
    data = {**small, "experiments": both, "statistics": statistics}
    figure, _ = draw("adversary-histograms", data)
    labels = [ax.get_ylabel().splitlines()[-1] for ax in figure.axes if ax.get_ylabel()]
    assert labels == ["TVD ≤ 0.05", "TVD ≤ 0.01"] * 3
    figure, plotted = draw("adversary-by-max-attention", data)
    assert len(figure.axes) == 3 * 3 and plotted["experiment"].nunique() == 3


def test_limits_of_a_data_set_stand_in_lines_of_their_own(small: Tables) -> None:
    limits = "train=2000,dev=500,test=200"
    figure, _ = draw("adversary-histograms", {**small, "experiments": small["experiments"].assign(limits=limits)})
    name = figure.axes[0].get_ylabel().splitlines()
    assert name == ["SST [train=2000,", "dev=500, test=200]", "CNN, additive"]
