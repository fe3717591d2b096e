"""Agreement of methods: texts and numbers of the figure are those of the tables."""

import numpy as np
from matplotlib.collections import QuadMesh

from figure_drawing import Tables, draw, figure_of, texts_of


def test_method_agreement_is_symmetric_centred_at_zero_and_annotated() -> None:
    figure, plotted = figure_of("method-agreement")
    assert set(plotted["control"]) == {"none"} and len(plotted) == 12 * 15
    maps = [mesh for ax in figure.axes for mesh in ax.findobj(QuadMesh) if mesh.get_array().size == 36]
    assert len(maps) == 12 and {mesh.get_clim() for mesh in maps} == {(-1.0, 1.0)}
    square = maps[0].get_array().reshape(6, 6)
    np.testing.assert_array_equal(np.ma.filled(square, np.nan), np.ma.filled(square.T, np.nan))
    first = plotted.iloc[0]
    assert square[0, 1] == first["mean"] and f"{first['mean']:.2f}".removeprefix("0") in texts_of(figure)
    assert {"Attention", "Integrated gradients", "mean Kendall τ"} <= set(texts_of(figure))


def test_an_agreement_that_rounds_to_zero_has_no_sign(full: Tables) -> None:
    figure, _ = draw("method-agreement", {**full, "statistics": full["statistics"].assign(mean=-0.001)})
    assert ".00" in texts_of(figure) and "−.00" not in texts_of(figure)
