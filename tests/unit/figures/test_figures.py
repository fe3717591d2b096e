"""Every figure of the registry on an empty, a one-row and a full table; expected texts and numbers are the tables'."""

import ast
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from pandas.testing import assert_frame_equal

from attnexplain import registry
from attnexplain.figures import fitting
from attnexplain.figures.layout import WIDTHS
from attnexplain.figures.save import save
from attnexplain.provenance import imports_of
from attnexplain.stages.figure import DERIVED, OF_RUNS, TABLES
from attnexplain.statistics.agreement_differences import differences
from figure_drawing import CELL, FIGURES, Tables, draw, figure_of, texts_of

SOURCES = Path(__file__).parents[3] / "workflow" / "src" / "attnexplain" / "figures"
# Of comparisons a fixed number is shown; its csv is that of the picture.
BOUND = [name for name in FIGURES if name != "comparisons"]
EVIDENCE = ("evidence-by-method", "evidence-by-remedy")


@pytest.mark.parametrize("name", FIGURES)
def test_an_empty_table_gives_a_figure_that_says_so(name: str, full: Tables) -> None:
    figure, plotted = draw(name, {key: table.iloc[:0] for key, table in full.items()})
    assert plotted.empty and texts_of(figure)[0].startswith("No ")


@pytest.mark.parametrize("name", FIGURES)
def test_one_row_is_enough(name: str, full: Tables, tmp_path: Path) -> None:
    table, measures, experiments = full["statistics"], full["measures"], full["experiments"]
    agreement = full["agreement"]
    wanted = {"permutation-by-max-attention": "permutation", "erasure-by-ranking": "erasure"}
    wanted = wanted.get(name, "adversary-2c1f9a")
    one = (measures[CELL] == measures[CELL].iloc[0]).all(axis=1) & (measures["seed"] == 1)
    metrics = {"accuracy-by-run": "accuracy", **dict.fromkeys(EVIDENCE, "evidence-auprc")}
    metric = metrics.get(name, "kendall-tau")
    gains = full["gains"][full["gains"]["difference"].notna()]
    gains = gains[(gains[CELL] == gains[CELL].iloc[0]).all(axis=1)]
    figure, plotted = draw(
        name,
        {
            "statistics": table[(table["metric"] == metric) & (table["class"] == "all")].iloc[:1],
            "runs": full["runs"].iloc[:0],
            "measures": measures.iloc[:1],
            "differences": differences(measures[one & (measures["example_id"] == "test-1")], 0.95),
            "experiments": experiments[experiments["experiment"] == wanted].iloc[:1],
            "texts": full["texts"].iloc[:1],
            "agreement": agreement[agreement["kind"] == ("rank" if name == "rank-stability" else "metrics")].iloc[-1:],
            "comparisons": full["comparisons"].iloc[:1],
            "curves": full["curves"].iloc[:1],
            "gains": gains,  # accuracy and tau: a point
        },
    )
    rows = {"tau-distributions": 30, "tau-differences": 2, "adversary-histograms": 40, "attention-heatmaps": 8}
    rows["erasure-by-ranking"] = 4
    assert len(plotted) == rows.get(name, 1) and save(figure, plotted, tmp_path / name)[0].is_file()


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_tables_give_the_same_svg_in_any_row_order(name: str, small: Tables, tmp_path: Path) -> None:
    shuffled = {key: table.sample(frac=1, random_state=3) for key, table in small.items()}
    first, second = (save(*draw(name, data), tmp_path / str(i)) for i, data in enumerate((small, shuffled)))
    assert first[0].read_bytes() == second[0].read_bytes()
    assert first[2].read_bytes() == second[2].read_bytes()


@pytest.mark.parametrize("name", FIGURES)
def test_cells_without_a_value_are_said_to_have_none(name: str, small: Tables) -> None:
    reason = {"missing_reason": "no source for this data set"}
    numbers = ["mean", "ci_low", "ci_high", "null_low", "null_high", "published"]
    statistics = small["statistics"].assign(**dict.fromkeys(numbers, np.nan), **reason, n_examples=0)
    runs = small["runs"].assign(test_accuracy=np.nan, run=None, **reason)
    texts = small["texts"].assign(tokens=None, **reason)
    found = {name: small[name].iloc[:0] for name in ("measures", "differences", "experiments")}
    ranked = ["value", "ci_low", "ci_high", "first_share"]
    found["agreement"] = small["agreement"].assign(**dict.fromkeys(ranked, np.nan), **reason)
    found["comparisons"] = small["comparisons"].assign(verdict=None, **reason)
    found["curves"] = small["curves"].assign(**dict.fromkeys(["jsd", "tvd", "area"], np.nan), **reason)
    found["gains"] = small["gains"].assign(difference=np.nan, mean=np.nan, **reason)
    figure, _ = draw(name, {"statistics": statistics, "runs": runs, "texts": texts, **found})
    said = ("no source for", "No text", "No adversarial attention", "No comparison", "No model")
    assert any(text == "–" or any(words in text for words in said) for text in texts_of(figure))


@pytest.mark.parametrize("name", FIGURES)
def test_names_are_the_studys_own_where_it_gives_them(name: str, small: Tables) -> None:
    figure, _ = draw(name, small, labels={"sst": "My treebank"})
    assert any("My treebank" in text for text in texts_of(figure)) and not any("SST" in t for t in texts_of(figure))


@pytest.mark.parametrize("name", FIGURES)
def test_facts_are_those_of_the_registry_and_name_known_tables(name: str) -> None:
    facts = registry.facts("figure", name)
    assert facts["name"] == name and set(facts["reads"]) <= {*TABLES, *OF_RUNS, *DERIVED}
    assert set(facts["reads"]) & {*OF_RUNS} == {*OF_RUNS} & set(facts)
    assert facts["title"] and facts["caption"].endswith(".") and facts["options"] == {}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_readable_at_its_width(name: str) -> None:
    figure, _ = figure_of(name)
    columns = registry.facts("figure", name)["columns"]
    texts = _visible(figure)
    assert columns in WIDTHS and figure.get_figwidth() <= WIDTHS[columns] and WIDTHS == {1: 3.3, 2: 6.9}
    assert min(text.get_fontsize() for text in texts) >= 7
    page = figure.bbox.padded(1)  # pixel
    cut = [text.get_text() for text in texts if not page.containsx(text.get_window_extent().x0)]
    cut += [text.get_text() for text in texts if not page.containsx(text.get_window_extent().x1)]
    assert not cut, cut


@pytest.mark.parametrize("name", FIGURES)
def test_a_picture_of_a_small_study_shows_all(name: str) -> None:
    assert not any(text.startswith("Shown:") for text in texts_of(figure_of(name)[0]))


@pytest.mark.parametrize("name", BOUND)
def test_a_picture_without_room_says_what_it_shows_and_its_csv_has_all(
    name: str, full: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, all_rows = figure_of(name)
    monkeypatch.setattr(fitting, "TALLEST", whole.get_figheight() / 3)
    figure, plotted = draw(name, full)
    said = [text for text in texts_of(figure) if text.startswith("Shown:")]
    assert len(said) == 1 and " ".join(said[0].split()).endswith("The CSV has all.")
    assert len(figure.findobj()) < len(whole.findobj())
    assert_frame_equal(plotted, all_rows)


def _visible(figure: Figure) -> list[Text]:
    """All texts but empty ones and the numbers of ticks beyond their axis."""
    figure.draw_without_rendering()
    beyond = {
        id(tick.label1)
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    texts = figure.findobj(Text)
    return [text for text in texts if text.get_text().strip() and text.get_visible() and id(text) not in beyond]


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.py")), ids=lambda path: path.name)
def test_no_figure_computes_an_interval_or_a_test(path: Path) -> None:
    imported = set(imports_of(ast.parse(path.read_text(encoding="utf-8"))))
    # Of statistics, a figure knows but the names of bins and quantiles, of notions and of kinds of intervals.
    known = ("attnexplain.statistics.notions", "attnexplain.statistics.intervals.base")
    assert {name for name in imported if name.startswith("attnexplain.statistics.") and not name.startswith(known)} <= {
        "attnexplain.statistics.quantiles",
        *(f"attnexplain.statistics.quantiles.{name}" for name in ("QUANTILES", "bin_names", "bins_of")),
    }
