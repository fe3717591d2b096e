"""Erasure by ranking: texts and numbers of the figure are those of the tables."""

import numpy as np
import pandas as pd
import pytest

from figure_drawing import CELL, Tables, draw, figure_of, legend_of


def test_erasure_draws_quartiles_by_ranking_and_says_how_many_never_flip(full: Tables) -> None:
    figure, plotted = figure_of("erasure-by-ranking")
    texts = full["experiments"]
    texts = texts[(texts["experiment"] == "erasure") & (texts["control"] == "none")]
    assert len(figure.axes) == 2 and set(plotted["control"]) == {"none"}
    assert len(plotted) == 4 * len(texts.drop_duplicates(CELL))
    said = [text.get_text() for ax in figure.axes for text in ax.texts]
    bars = [bar for ax in figure.axes for bar in ax.patches]
    for row, words, bar in zip(plotted.to_dict("records"), said, bars, strict=True):
        values = texts[(texts[CELL] == pd.Series(row)[CELL]).all(axis=1)][f"removed_{row['ranking']}"]
        quartiles = values.quantile([0.25, 0.5, 0.75])
        assert [row["q25"], row["median"], row["q75"]] == pytest.approx(quartiles.tolist())
        assert row["mean"] == pytest.approx(values.mean())
        assert (row["n"], row["n_undefined"]) == (values.notna().sum(), values.isna().sum())
        assert words == f"{values.isna().mean():.0%}"
        assert (bar.get_x(), bar.get_width()) == pytest.approx((row["q25"], row["q75"] - row["q25"]))
    assert legend_of(figure) == ["random", "attention", "gradient", "gradient × attention", "median", "mean"]


def test_decisions_that_never_flip_have_no_box(small: Tables) -> None:
    removed = [column for column in small["experiments"] if column.startswith("removed_")]
    never = small["experiments"].assign(**dict.fromkeys(removed, np.nan))
    figure, plotted = draw("erasure-by-ranking", {**small, "experiments": never})
    assert plotted["median"].isna().all() and not figure.axes[0].patches
    assert {text.get_text() for text in figure.axes[0].texts} == {"100%"}
