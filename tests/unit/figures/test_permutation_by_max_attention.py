"""Permuted attention by the largest weight: texts and numbers of the figure are those of the tables."""

from pathlib import Path

import numpy as np
import pytest

from attnexplain.figures.save import save
from figure_drawing import CELL, FIGURES, Tables, draw, figure_of, legend_of


def test_permutation_has_a_panel_per_model_with_n_of_every_violin(full: Tables) -> None:
    figure, plotted = figure_of("permutation-by-max-attention")
    assert len(figure.axes) == 12 and set(plotted["control"]) == {"none"}
    lanes = plotted.drop_duplicates([*CELL, "bin", "class"])
    shown = full["experiments"]
    shown = shown[(shown["experiment"] == "permutation") & (shown["control"] == "none")]
    assert lanes["n"].sum() == len(shown)
    first = lanes[(lanes[CELL] == lanes[CELL].iloc[0]).all(axis=1)]
    counts = [text.get_text() for text in figure.axes[0].texts]  # from top to bottom
    upwards = first.sort_values(["bin", "class"], ascending=[False, True])["n"].astype(str).tolist()
    assert counts == [f"n = {upwards[0]}", *upwards[1:]]
    ticks = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert ticks == ["0 – 0.25", "0.25 – 0.5", "0.5 – 0.75", "0.75 – 1"]
    names = ["median", "quartiles", "95 % interval of the median (crossed-bootstrap)"]
    assert legend_of(figure)[:3] == names


def test_few_texts_of_a_bin_are_points_and_said_to_be(full: Tables) -> None:
    one = full["experiments"]
    one = one[(one["experiment"] == "permutation") & (one["control"] == "none")].iloc[:3]
    figure, plotted = draw("permutation-by-max-attention", {**full, "experiments": one})
    assert plotted["density"].isna().all() and len(plotted) == 3
    points = sorted(float(x) for line in figure.axes[0].lines if line.get_marker() == "o" for x in line.get_xdata())
    assert points == sorted(one["tvd_median"])
    assert legend_of(figure)[-1] == "fewer than 5 texts, or texts that do not differ"


@pytest.mark.parametrize(
    "name", [name for name in FIGURES if "max-attention" in name or name == "adversary-histograms"]
)
@pytest.mark.parametrize("classes", [["all"], ["0", "1", "2"], [str(i) for i in range(9)]], ids=len)
def test_one_class_and_many_are_drawn(name: str, classes: list[str], small: Tables, tmp_path: Path) -> None:
    table = small["experiments"]
    number = np.arange(len(table)) % len(classes)
    table = table.assign(**{"class": np.array(classes)[number], "class_name": [f"class {i}" for i in number]})
    figure, plotted = draw(name, {**small, "experiments": table})
    assert set(plotted.groupby([*CELL, "experiment"])["class"].nunique()) == {min(len(classes), 6)}
    assert save(figure, plotted, tmp_path / name)[0].is_file()
    if len(classes) > 6:
        assert "4 other classes" in set(plotted["class_name"])


def test_a_class_has_its_place_and_colour_where_a_model_predicts_no_other(small: Tables) -> None:
    table = small["experiments"]
    one_sided = (table["attention"] == "dot") & (table["class"] == "0")
    data = {**small, "experiments": table[~one_sided]}
    figure, _ = draw("permutation-by-max-attention", data)
    both, alone = figure.axes
    colours = [handle.get_facecolor()[:3] for handle in both.get_legend().get_patches()]
    assert [handle.get_facecolor()[:3] for handle in alone.get_legend().get_patches()] == colours[1:]
    figure, _ = draw("adversary-histograms", data)
    shown = [[ax.get_title(loc="left").partition(" ")[0] for ax in figure.axes[i : i + 2] if ax.axison] for i in (0, 4)]
    assert shown == [["negative", "positive"], ["positive"]]


def test_bins_above_all_texts_of_a_data_set_take_no_room(full: Tables) -> None:
    table = full["experiments"]
    weights = table["max_attention"].where(table["dataset"] != "sst", table["max_attention"] / 2)
    figure, _ = draw("permutation-by-max-attention", {**full, "experiments": table.assign(max_attention=weights)})
    shown = [[tick.get_text() for tick in ax.get_yticklabels()] for ax in figure.axes]
    assert shown == [["0 – 0.25", "0.25 – 0.5", "0.5 – 0.75", "0.75 – 1"]] * 6 + [["0 – 0.25", "0.25 – 0.5"]] * 6
