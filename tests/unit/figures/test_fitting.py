"""Pictures of studies that are too large for one: what is shown, the line that says so, and the csv that has all."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from pandas.testing import assert_frame_equal

from attnexplain.figures import costs_and_gains, fitting, rank_stability
from attnexplain.figures.save import save
from figure_drawing import CELL, Tables, draw, figure_of, texts_of
from report_tables import cell


def _models(datasets: list[str], *models: tuple[str, str, str, str]) -> pd.DataFrame:
    """Cells of (encoder, normaliser, regulariser, control) for each data set, in the order of pictures."""
    rows = [
        cell(dataset, encoder, "additive", control) | {"normaliser": normaliser, "regulariser": regulariser}
        for dataset, (encoder, normaliser, regulariser, control) in product(datasets, sorted(models))
    ]
    return pd.DataFrame(rows, columns=CELL)


PLAIN = ("bilstm", "softmax", "none", "none")
UNTRAINED = ("bilstm", "softmax", "none", "untrained")
OTHER = ("gru", "softmax", "none", "none")
SPARSE = ("bilstm", "sparsemax", "none", "none")
TYING = ("bilstm", "softmax", "tying", "none")
ALL = (PLAIN, UNTRAINED, OTHER, SPARSE, TYING)


def _kept(table: pd.DataFrame, room: int) -> pd.DataFrame:
    """What is kept where so many models fit."""
    return fitting.models(table, CELL, lambda some: len(some) * fitting.TALLEST / room).rows


def test_all_models_stay_where_they_fit() -> None:
    table = _models(["sst", "trec"], *ALL)
    models = fitting.models(table, CELL, lambda some: len(some) * fitting.TALLEST / 10)
    assert_frame_equal(models.rows, table)
    assert models.of(table) is table and len(models.rows) == models.total == 10


@pytest.mark.parametrize(
    ("room", "shown"),
    [(2, [PLAIN]), (4, [PLAIN, UNTRAINED]), (6, [PLAIN, UNTRAINED, OTHER]), (8, [*ALL[:-1]]), (9, [*ALL[:-1]])],
)
def test_models_without_a_remedy_come_first_and_every_data_set_has_the_same(room: int, shown: list[tuple]) -> None:
    table = _models(["sst", "trec"], *ALL)
    assert_frame_equal(_kept(table, room), _models(["sst", "trec"], *shown))


def test_models_that_one_data_set_has_alone_come_after_those_of_all() -> None:
    alone = ("bilstm", "softmax", "concat", "none")
    table = pd.concat([_models(["sst"], PLAIN, TYING, alone), _models(["trec"], PLAIN, TYING)], ignore_index=True)
    assert_frame_equal(_kept(table, 4), _models(["sst", "trec"], PLAIN, TYING))
    assert_frame_equal(fitting.models(table, CELL, lambda some: float(len(some))).of(table), table)


def test_of_too_many_data_sets_each_that_fits_has_one_model() -> None:
    names = [f"set-{place}" for place in range(6)]
    models = fitting.models(_models(names, PLAIN, TYING), CELL, lambda some: len(some) * fitting.TALLEST / 4)
    assert_frame_equal(models.rows, _models(names[:4], PLAIN))
    assert "one of each data set" in models.rule


def test_at_least_one_fits_and_never_more_than_there_is_room_for() -> None:
    tall = fitting.TALLEST
    assert fitting.fitting(0, lambda n: 0.0) == 0 and fitting.fitting(3, lambda n: 2 * tall) == 1
    for n, room in product(range(1, 9), range(1, 9)):
        assert fitting.fitting(n, lambda some, room=room: some * tall / room) == min(n, room)


def test_the_sentence_names_each_part_that_is_cut_and_nothing_where_all_is_shown() -> None:
    assert fitting.sentence(fitting.part(3, 3, "models", "x"), fitting.part(1, 1, "data sets", "y")) == ""
    said = fitting.sentence(fitting.part(30, 1540, "models", "plain first"), fitting.part(2, 5, "data sets", "by name"))
    assert said == "Shown: 30 of 1,540 models, plain first; 2 of 5 data sets, by name. The CSV has all."


def test_a_study_of_hundreds_of_models_is_drawn_within_the_limit(full: Tables, tmp_path: Path) -> None:
    table = full["statistics"]
    known = table[table["metric"].eq("evidence-auprc") & table["control"].eq("none")]
    names = ["none", *(f"remedy-{place}" for place in range(44))]
    many = pd.concat([known.assign(regulariser=name) for name in names], ignore_index=True)
    n = len(many.drop_duplicates(CELL))
    figure, plotted = draw("evidence-by-method", {**full, "statistics": many})
    _, png, csv = save(figure, plotted, tmp_path / "many")
    assert n >= 150 and len(pd.read_csv(csv)) == len(many) and imread(png).shape[0] < 10_000
    [said] = [text for text in texts_of(figure) if text.startswith("Shown:")]
    shown = len([ax for ax in figure.axes if ax.get_title(loc="left")])
    assert said.startswith(f"Shown: {shown} of {n} models,") and 1 < shown < n


def test_ranks_are_shown_of_as_many_models_as_can_be_read(full: Tables) -> None:
    table = full["agreement"]
    ranks = table[table["kind"].eq("rank") & table["ranked"].eq("models") & table["dataset"].eq("sst")]
    one = ranks[ranks["item"] == ranks["item"].iloc[0]]
    items = [f"bilstm.additive.{name}" for name in ("none", *(f"remedy-{place:02}" for place in range(39)))]
    many = pd.concat([one.assign(item=item) for item in reversed(items)], ignore_index=True)
    figure, plotted = draw("rank-stability", {**full, "agreement": many})
    ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert len(ticks) == rank_stability._MOST and not any("39" in name for name in ticks)
    assert set(plotted["item"]) == set(items) and f"Shown: {len(ticks)} of 40 models" in " ".join(texts_of(figure))


def test_points_of_as_many_remedies_as_have_room(full: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    _, all_rows = figure_of("costs-and-gains")
    most = int(all_rows["number"].max()) - 1
    monkeypatch.setattr(costs_and_gains, "MOST", most)
    figure, plotted = draw("costs-and-gains", full)
    assert_frame_equal(plotted, all_rows)
    numbers = {int(text) for text in texts_of(figure) if text.isdecimal()}
    assert most in numbers and most + 1 not in numbers
    assert any(text.startswith(f"Shown: {most} of {most + 1} remedies") for text in texts_of(figure))
    np.testing.assert_array_equal(np.unique(plotted["number"]), np.arange(1, most + 2))
