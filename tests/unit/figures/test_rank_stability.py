"""Stability of ranks: texts and numbers of the figure are those of the tables."""

import pytest
from matplotlib.collections import QuadMesh

from figure_drawing import figure_of


def test_rank_stability_writes_ranks_ranges_and_shares_of_the_table() -> None:
    figure, plotted = figure_of("rank-stability")
    titles = [ax.get_title(loc="left") for ax in figure.axes if ax.get_title(loc="left")]
    assert titles == ["Planted sentiment: models", "SST: models", "Planted sentiment: methods", "SST: methods"]
    ax = next(ax for ax in figure.axes if ax.get_title(loc="left") == "SST: methods")
    own = plotted[(plotted["dataset"] == "sst") & (plotted["ranked"] == "methods")]
    ranges = own[own["ci_low"] < own["ci_high"]]
    expected = [f"{value:g}" for value in own["value"]]
    expected += [f"{low:g}–{high:g}" for low, high in zip(ranges["ci_low"], ranges["ci_high"], strict=True)]
    assert sorted(text.get_text() for text in ax.texts) == sorted(expected)
    shares = ax.findobj(QuadMesh)[0].get_array()
    assert sorted(shares.compressed()) == pytest.approx(sorted(own["first_share"]))
    assert "accuracy" not in set(plotted["metric"])
