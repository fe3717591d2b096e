"""Adversaries by the largest weight: texts and numbers of the figure are those of the tables."""

import numpy as np

from figure_drawing import CELL, Tables, draw, figure_of, legend_of, texts_of


def test_adversaries_stand_side_by_side_with_ln_2_and_untrained_models() -> None:
    figure, plotted = figure_of("adversary-by-max-attention")
    assert set(plotted["control"]) == {"none", "untrained"} and len(figure.axes) == 18 * 2
    titles = [ax.get_title(loc="left").rstrip() for ax in figure.axes[:2]]
    assert titles == ["Adversary, searched, TVD ≤ 0.05", "Adversary, exact, TVD ≤ 0.05"]
    lines = [float(line.get_xdata()[0]) for ax in figure.axes for line in ax.lines]
    assert lines.count(float(np.log(2))) == 36
    assert {"ln 2", "maximum not known for (some) texts"} <= set(legend_of(figure))
    bounded = plotted[plotted["n_bounds"] > 0].drop_duplicates([*CELL, "bin", "class"])
    assert set(bounded["encoder"]) == {"cnn"} and set(bounded["experiment"]) == {"adversary-exact-77aa00"}
    row = bounded.iloc[0]
    assert any(text.removeprefix("n = ") == f"{row['n']} ({row['n_bounds']})" for text in texts_of(figure))
    assert any("(untrained)" in ax.get_ylabel() for ax in figure.axes)


def test_where_every_maximum_is_known_no_outline_says_otherwise(small: Tables) -> None:
    exact = small["experiments"].assign(is_exact=1.0, encoder="bilstm")
    figure, plotted = draw("adversary-by-max-attention", {**small, "experiments": exact})
    assert not plotted["n_bounds"].any() and "maximum not known for (some) texts" not in legend_of(figure)
