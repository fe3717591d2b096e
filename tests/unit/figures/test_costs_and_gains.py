"""Costs and gains: a point per model and notion, where there is both a cost and a gain."""

import pandas as pd
import pytest

from attnexplain.figures.costs_and_gains import points
from attnexplain.figures.style import Style
from figure_drawing import draw, texts_of
from findings_tables import moved, study


def gains(*moves: dict) -> pd.DataFrame:
    return study([moved(None, "accuracy"), moved(None, "evidence"), *moves]).gains


def test_a_point_is_the_difference_of_accuracy_and_of_the_notion_turned_to_faithful() -> None:
    cost = moved("tying", "accuracy", (-0.1, -0.2, 0.0))
    found = points(gains(cost, moved("tying", "adversary", (-0.3, -0.4, -0.1))), Style())
    (row,) = found.to_dict("records")
    assert (row["number"], row["remedy"], row["notion"]) == (1, "tying", "adversary")
    assert [row[name] for name in found.columns[-6:]] == [-0.1, -0.2, 0.0, 0.3, 0.1, 0.4]


@pytest.mark.parametrize("notion", ["accuracy", "evidence"])
def test_a_study_that_measures_only_a_cost_or_only_a_gain_has_no_points(notion: str) -> None:
    table = gains(moved("tying", notion, (0.1, 0.0, 0.2)))
    assert points(table, Style()).empty
    figure, plotted = draw("costs-and-gains", {"gains": table})
    assert plotted.empty and any("No model" in text for text in texts_of(figure))
