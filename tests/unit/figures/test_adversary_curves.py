"""Curves of trained adversaries: texts and numbers of the figure are those of the tables."""

import numpy as np
import pandas as pd

from figure_drawing import CELL, Tables, draw, figure_of, legend_of, texts_of


def test_adversary_curves_join_the_adversaries_of_a_model_by_lambda() -> None:
    figure, plotted = figure_of("adversary-curves")
    assert len(figure.axes) == 6 and {ax.get_xlim()[1] >= np.log(2) for ax in figure.axes} == {True}
    for ax, (_, rows) in zip(figure.axes, plotted.groupby(CELL, sort=False), strict=True):
        (line,) = (one for one in ax.lines if len(one.get_xdata()) == 4)
        trained = rows[rows["kind"] == "trained adversary"].sort_values("lambda")
        np.testing.assert_array_equal(np.column_stack(line.get_data()), trained[["jsd", "tvd"]].to_numpy())
    titles = [" ".join(ax.get_title(loc="left").split()) for ax in figure.axes]
    assert titles[4] == "SST: BiLSTM, additive"
    shown = texts_of(figure)
    assert sum(text.startswith("no area: its adversaries reach") for text in shown) == 2
    assert any(text.startswith("area 0.021 [0.01") for text in shown)
    assert {"another seed", "post hoc, exact", "area under the frontier, to 0.4 nats"} <= set(legend_of(figure))


def test_adversaries_beside_other_regularisers_are_lines_of_their_own(full: Tables) -> None:
    rows = full["curves"]
    rows = rows[(rows["dataset"] == "sst") & (rows["encoder"] == "cnn")]
    more = rows[rows["kind"] == "trained adversary"].iloc[:2].assign(tvd=0.4)
    more["attack"] = [f"{name}+mlm" for name in more["attack"]]
    figure, _ = draw("adversary-curves", {"curves": pd.concat([rows, more])})
    assert sorted(len(one.get_xdata()) for one in figure.axes[0].lines if one.get_linewidth() == 1.1) == [2, 4]
