"""Comparisons: texts and numbers of the figure are those of the tables."""

import numpy as np
import pytest

from figure_drawing import Tables, draw, figure_of, legend_of


def test_comparisons_show_what_is_told_then_the_largest_effects(full: Tables) -> None:
    table = full["comparisons"]
    figure, plotted = figure_of("comparisons")
    known = table.dropna(subset=["verdict"])
    told = known["verdict"] != "cannot be told"
    assert len(known) > len(plotted) == 20 and "20 of 60 comparisons" in legend_of(figure)
    expected = known[told].loc[known.loc[told, "effect"].abs().sort_values(ascending=False).index]["difference"]
    assert sorted(plotted["difference"]) == sorted(expected[:20])
    for _, rows in plotted.groupby("metric"):
        assert rows["difference"].is_monotonic_decreasing
    marks = {round(float(line.get_xdata()[0]), 12) for ax in figure.axes for line in ax.lines}
    assert {*plotted["difference"].round(12), *plotted["ci_low"].round(12)} <= marks
    shades = [band.get_paths()[0].vertices[:, 0] for ax in figure.axes for band in ax.collections]
    assert {-0.1, 0.1} <= {round(float(x), 12) for shade in shades for x in shade}


def test_comparisons_that_do_not_vary_come_last_and_those_outside_of_the_family_not(full: Tables) -> None:
    table = full["comparisons"].assign(verdict="cannot be told", effect=0.5)
    table.loc[0, ["effect", "difference"]] = np.nan, 0.0
    table.loc[1, ["effect", "difference"]] = np.nan, 0.3
    table.loc[2, ["p_adjusted", "effect"]] = np.nan, 9.0
    _, plotted = draw("comparisons", {"comparisons": table})
    assert plotted["effect"].isna().sum() == 1 and 0.3 in set(plotted["difference"])
    assert 9.0 not in set(plotted["effect"])
    _, few = draw("comparisons", {"comparisons": table.iloc[:5]})
    assert len(few) == 4


@pytest.mark.parametrize(("verdict", "marker"), [("different", "o"), ("equivalent", "s"), ("cannot be told", "o")])
def test_verdicts_are_marked(verdict: str, marker: str, full: Tables) -> None:
    table = full["comparisons"].dropna(subset=["verdict"]).assign(verdict=verdict)
    figure, _ = draw("comparisons", {"comparisons": table})
    marks = {line.get_marker() for ax in figure.axes for line in ax.lines} - {"None", None, ""}
    filled = {line.get_markerfacecolor() for ax in figure.axes for line in ax.lines if line.get_marker() == marker}
    assert (
        marks == {marker} and ("white" in filled) == (verdict == "cannot be told") and legend_of(figure)[0] == verdict
    )
