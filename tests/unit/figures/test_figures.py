"""Every figure of the registry on an empty, a one-row and a full table; expected texts and numbers are the tables'."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.text import Text

import report_tables as tables
from attnexplain import registry
from attnexplain.figures.layout import WIDTHS
from attnexplain.figures.save import save
from attnexplain.provenance import imports_of
from attnexplain.stages.figure import DERIVED, OF_RUNS, TABLES
from attnexplain.statistics.agreement_differences import differences

SOURCES = Path(__file__).parents[3] / "workflow" / "src" / "attnexplain" / "figures"
FIGURES = sorted(registry.BUILT_IN["figure"])
EVIDENCE = ("evidence-by-method", "evidence-by-remedy")
CELL = list(tables.cell("", "", ""))


@pytest.fixture(scope="module")
def full() -> dict[str, pd.DataFrame]:
    measures = tables.measures_table(60)
    return {
        "statistics": tables.statistics_table(),
        "runs": tables.runs_table(),
        "measures": measures,
        "differences": differences(measures[measures["control"] == "none"], 0.95),
        "experiments": tables.experiments_table(60),
        "texts": tables.texts_table(),
        "agreement": tables.agreement_table(),
        "comparisons": tables.comparisons_table(),
        "curves": tables.curves_table(),
        "gains": tables.gains_table(),
    }


@pytest.fixture(scope="module")
def small(full: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """One data set and one model, or, of the table that has but that, its texts."""
    models = {key: ["cnn"] for key in full} | {"texts": ["bilstm"], "comparisons": ["average", "bilstm"]}
    models["gains"] = ["bilstm", "cnn"]
    return {
        key: table[(table["dataset"] == "sst") & (key == "agreement" or table["encoder"].isin(models[key]))]
        for key, table in full.items()
    }


def _draw(name: str, data: dict[str, pd.DataFrame], **display: dict) -> tuple[Figure, pd.DataFrame]:
    settings = {**tables.SETTINGS, "display": {**tables.SETTINGS["display"], **display}}
    return registry.load("figure", name)({key: table.copy() for key, table in data.items()}, settings)


def _texts(figure: Figure) -> list[str]:
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(lambda item: hasattr(item, "get_text")) if text.get_text()]


def _legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize("name", FIGURES)
def test_an_empty_table_gives_a_figure_that_says_so(name: str, full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw(name, {key: table.iloc[:0] for key, table in full.items()})
    assert plotted.empty and _texts(figure)[0].startswith("No ")


@pytest.mark.parametrize("name", FIGURES)
def test_one_row_is_enough(name: str, full: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    table, measures, experiments = full["statistics"], full["measures"], full["experiments"]
    agreement = full["agreement"]
    wanted = {"permutation-by-max-attention": "permutation", "erasure-by-ranking": "erasure"}
    wanted = wanted.get(name, "adversary-2c1f9a")
    one = (measures[CELL] == measures[CELL].iloc[0]).all(axis=1) & (measures["seed"] == 1)
    metrics = {"accuracy-by-run": "accuracy", **dict.fromkeys(EVIDENCE, "evidence-auprc")}
    metric = metrics.get(name, "kendall-tau")
    gains = full["gains"][full["gains"]["difference"].notna()]
    gains = gains[(gains[CELL] == gains[CELL].iloc[0]).all(axis=1)]
    figure, plotted = _draw(
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
def test_the_same_tables_give_the_same_svg_in_any_row_order(
    name: str, small: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    shuffled = {key: table.sample(frac=1, random_state=3) for key, table in small.items()}
    first, second = (save(*_draw(name, data), tmp_path / str(i)) for i, data in enumerate((small, shuffled)))
    assert first[0].read_bytes() == second[0].read_bytes()
    assert first[2].read_bytes() == second[2].read_bytes()


@pytest.mark.parametrize("name", FIGURES)
def test_cells_without_a_value_are_said_to_have_none(name: str, small: dict[str, pd.DataFrame]) -> None:
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
    figure, _ = _draw(name, {"statistics": statistics, "runs": runs, "texts": texts, **found})
    said = ("no source for", "No text", "No adversarial attention", "No comparison", "No model")
    assert any(text == "–" or any(words in text for words in said) for text in _texts(figure))


@pytest.mark.parametrize("name", FIGURES)
def test_names_are_the_studys_own_where_it_gives_them(name: str, small: dict[str, pd.DataFrame]) -> None:
    figure, _ = _draw(name, small, labels={"sst": "My treebank"})
    assert any("My treebank" in text for text in _texts(figure)) and not any("SST" in t for t in _texts(figure))


@pytest.mark.parametrize("name", FIGURES)
def test_facts_are_those_of_the_registry_and_name_known_tables(name: str) -> None:
    facts = registry.facts("figure", name)
    assert facts["name"] == name and set(facts["reads"]) <= {*TABLES, *OF_RUNS, *DERIVED}
    assert set(facts["reads"]) & {*OF_RUNS} == {*OF_RUNS} & set(facts)
    assert facts["title"] and facts["caption"].endswith(".") and facts["options"] == {}


def test_tau_by_encoder_names_axes_panels_and_legend(full: dict[str, pd.DataFrame]) -> None:
    figure, _ = _draw("tau-by-encoder", full)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert "SST: Attention vs gradient" in titles and "Planted sentiment\nAttention vs leave-one-out" in titles
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["Average", "BiLSTM", "CNN"]
    assert figure.axes[-1].get_xlabel() == "mean Kendall τ"
    assert _legend(figure) == [
        *("additive attention", "dot product attention", "trained", "control: shuffled labels", "control: untrained"),
        *("published, class 0, 1", "95 % interval (two-way)", "null range of the mean"),
    ]


def test_tau_by_encoder_draws_and_writes_exactly_the_tables_numbers(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("tau-by-encoder", full)
    table = full["statistics"]
    wanted = table[(table["class"] == "all") & (table["metric"] == "kendall-tau") & (table["method"] == "attention")]
    wanted = wanted[wanted["method_b"].isin(["gradient", "leave-one-out"])]
    assert sorted(plotted["mean"].dropna()) == sorted(wanted["mean"])
    drawn = {round(float(line.get_xdata()[0]), 12) for ax in figure.axes for line in ax.lines}
    marks = [*wanted["mean"], *wanted["ci_low"], *plotted["published"].dropna()]
    assert {round(value, 12) for value in marks} <= drawn
    published = plotted.dropna(subset=["published"])
    assert set(published["class"]) == {"0", "1"} and len(published) == 6 and published["n_examples"].isna().all()


def test_without_published_numbers_and_controls_the_legend_has_neither(full: dict[str, pd.DataFrame]) -> None:
    table = full["statistics"]
    plain = table[table["control"] == "none"].assign(published=np.nan, null_low=np.nan, null_high=np.nan)
    figure, _ = _draw("tau-by-encoder", {**full, "statistics": plain})
    assert _legend(figure) == ["additive attention", "dot product attention", "95 % interval (two-way)"]


def test_a_variant_of_the_metric_has_panels_of_its_own(full: dict[str, pd.DataFrame]) -> None:
    table = full["statistics"]
    signed = table[table["metric"] == "kendall-tau"].assign(metric="kendall-tau-3fa94c", published=np.nan)
    figure, plotted = _draw("tau-by-encoder", {**full, "statistics": pd.concat([table, signed])})
    assert len(figure.axes) == 8 and len(plotted) == 96 + 6
    assert any("Kendall τ (3fa94c)" in ax.get_title(loc="left") for ax in figure.axes)


def test_the_layout_grows_with_data_sets_and_encoders(full: dict[str, pd.DataFrame]) -> None:
    table = full["statistics"]
    more = [table.assign(dataset=f"set-{i}", encoder=table["encoder"] + f"-{i % 2}") for i in range(6)]
    small, _ = _draw("tau-by-encoder", full)
    large, _ = _draw("tau-by-encoder", {**full, "statistics": pd.concat(more)})
    assert large.get_figheight() > 4 * small.get_figheight()
    large.draw_without_rendering()
    assert min(ax.get_window_extent().height / large.dpi for ax in large.axes) > 6 * 0.3


def test_accuracy_by_run_draws_every_run_and_the_mean_of_its_cell(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("accuracy-by-run", full)
    assert sorted(plotted["test_accuracy"]) == sorted(full["runs"]["test_accuracy"])
    table = full["statistics"]
    means = table[table["metric"] == "accuracy"]["mean"]
    assert set(plotted["mean"]) == set(means)
    drawn = [float(line.get_xdata()[0]) for ax in figure.axes for line in ax.lines]
    assert {*full["runs"]["test_accuracy"], *means} <= set(drawn)
    assert figure.axes[-1].get_xlabel() == "test accuracy" and "one run (seed)" in _legend(figure)


def test_a_run_that_has_no_statistics_yet_is_still_drawn(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("accuracy-by-run", {**full, "statistics": full["statistics"].iloc[:0]})
    assert plotted["test_accuracy"].notna().all() and not any("no value" in text for text in _texts(figure))


def test_method_agreement_is_symmetric_centred_at_zero_and_annotated(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("method-agreement", full)
    assert set(plotted["control"]) == {"none"} and len(plotted) == 12 * 15
    maps = [mesh for ax in figure.axes for mesh in ax.findobj(QuadMesh) if mesh.get_array().size == 36]
    assert len(maps) == 12 and {mesh.get_clim() for mesh in maps} == {(-1.0, 1.0)}
    square = maps[0].get_array().reshape(6, 6)
    np.testing.assert_array_equal(np.ma.filled(square, np.nan), np.ma.filled(square.T, np.nan))
    first = plotted.iloc[0]
    assert square[0, 1] == first["mean"] and f"{first['mean']:.2f}".removeprefix("0") in _texts(figure)
    assert {"Attention", "Integrated gradients", "mean Kendall τ"} <= set(_texts(figure))


def test_an_agreement_that_rounds_to_zero_has_no_sign(full: dict[str, pd.DataFrame]) -> None:
    figure, _ = _draw("method-agreement", {**full, "statistics": full["statistics"].assign(mean=-0.001)})
    assert ".00" in _texts(figure) and "−.00" not in _texts(figure)


def test_tau_distributions_name_classes_with_their_n(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("tau-distributions", full)
    assert len(figure.axes) == 24 and len(plotted) == 24 * 2 * 30
    rows = plotted.drop_duplicates([*CELL, "method_b", "class"])
    measures = full["measures"][full["measures"]["method"] == "attention"]
    assert rows["n"].sum() == measures["value"].notna().sum()
    assert rows["n_undefined"].sum() == measures["value"].isna().sum()
    first = rows.iloc[0]
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend[0].startswith(f"{first['class_name']} (n = {first['n']}")
    heading = "Planted sentiment: Average, additive"
    assert figure.axes[0].get_title(loc="left").split("\n") == [heading, "", "Attention vs gradient"]
    assert _legend(figure) == ["95 % of single texts under permutation"]


def test_controls_are_left_out_of_the_distributions(full: dict[str, pd.DataFrame]) -> None:
    _, plotted = _draw("tau-distributions", {**full, "measures": full["measures"].assign(control="untrained")})
    assert plotted.empty


def test_a_model_without_values_has_a_panel_that_says_why(full: dict[str, pd.DataFrame]) -> None:
    statistics, measures = full["statistics"].copy(), full["measures"]
    absent = (statistics["dataset"] == "sst") & (statistics["encoder"] == "bilstm")
    statistics.loc[absent, ["mean", "missing_reason"]] = [np.nan, "no source"]
    kept = measures[~((measures["dataset"] == "sst") & (measures["encoder"] == "bilstm"))]
    figure, plotted = _draw("tau-distributions", {"statistics": statistics, "measures": kept})
    assert len(figure.axes) == 24 and len(plotted) == 20 * 2 * 30
    assert _texts(figure).count("no value: no source") == 4


def test_an_interval_beyond_the_range_of_tau_does_not_stretch_the_axis(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("tau-by-encoder", {**full, "statistics": full["statistics"].assign(ci_low=-3, ci_high=3)})
    assert figure.axes[0].get_xlim() == (-1.04, 1.04) and set(plotted["ci_high"].dropna()) == {3}


def test_evidence_is_drawn_with_its_chance_and_leaves_out_data_without_any(full: dict[str, pd.DataFrame]) -> None:
    statistics = full["statistics"]
    rows = (statistics["metric"] == "evidence-auprc") & (statistics["class"] == "all")
    shown = statistics[rows & (statistics["control"] == "none")]
    figure, plotted = _draw("evidence-by-method", full)
    assert _legend(figure) == ["mean", "95 % interval (two-way)", "random ranking"]
    assert sorted(plotted["mean"]) == sorted(shown["mean"])
    reason = "undefined for every example; most often: data has no evidence"
    bare = statistics.assign(missing_reason=statistics["missing_reason"].where(statistics["dataset"] != "sst", reason))
    _, plotted = _draw("evidence-by-method", {**full, "statistics": bare})
    assert "sst" not in set(plotted["dataset"]) and len(plotted)


def test_tau_differences_mark_mean_and_interval_and_say_what_they_rest_on(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("tau-differences", full)
    titles = [" ".join(ax.get_title(loc="left").split()) for ax in figure.axes[:2]]
    assert titles == [
        "Planted sentiment: Average, additive τ(gradient, leave-one-out) − τ(attention, leave-one-out)",
        "τ(gradient, leave-one-out) − τ(attention, gradient)",
    ]
    curves = plotted.drop_duplicates([*CELL, "minus_b"])
    assert len(figure.axes) == len(curves) == 24 and set(curves["control"]) == {"none"}
    means = {round(float(line.get_xdata()[0]), 12) for ax in figure.axes for line in ax.lines}
    assert {round(mean, 12) for mean in curves["mean"]} <= means
    first = curves[curves["minus_b"] == "leave-one-out"].iloc[0]
    said = f"{first['mean']:+.2f} [{first['ci_low']:+.2f}, {first['ci_high']:+.2f}]".replace("-", "−")
    text = figure.axes[0].texts[0].get_text()
    assert text.startswith(said.replace("+0.00", "0.00")) and f"n = {first['n_examples']} × 3" in text
    assert _legend(figure) == ["mean", "95 % interval (two-way)", "no difference"]


def test_permutation_has_a_panel_per_model_with_n_of_every_violin(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("permutation-by-max-attention", full)
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
    assert _legend(figure)[:3] == names


def test_erasure_draws_quartiles_by_ranking_and_says_how_many_never_flip(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("erasure-by-ranking", full)
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
    assert _legend(figure) == ["random", "attention", "gradient", "gradient × attention", "median", "mean"]


def test_decisions_that_never_flip_have_no_box(small: dict[str, pd.DataFrame]) -> None:
    removed = [column for column in small["experiments"] if column.startswith("removed_")]
    never = small["experiments"].assign(**dict.fromkeys(removed, np.nan))
    figure, plotted = _draw("erasure-by-ranking", {**small, "experiments": never})
    assert plotted["median"].isna().all() and not figure.axes[0].patches
    assert {text.get_text() for text in figure.axes[0].texts} == {"100%"}


def test_few_texts_of_a_bin_are_points_and_said_to_be(full: dict[str, pd.DataFrame]) -> None:
    one = full["experiments"]
    one = one[(one["experiment"] == "permutation") & (one["control"] == "none")].iloc[:3]
    figure, plotted = _draw("permutation-by-max-attention", {**full, "experiments": one})
    assert plotted["density"].isna().all() and len(plotted) == 3
    points = sorted(float(x) for line in figure.axes[0].lines if line.get_marker() == "o" for x in line.get_xdata())
    assert points == sorted(one["tvd_median"])
    assert _legend(figure)[-1] == "fewer than 5 texts, or texts that do not differ"


def test_adversaries_stand_side_by_side_with_ln_2_and_untrained_models(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("adversary-by-max-attention", full)
    assert set(plotted["control"]) == {"none", "untrained"} and len(figure.axes) == 18 * 2
    titles = [ax.get_title(loc="left").rstrip() for ax in figure.axes[:2]]
    assert titles == ["Adversary, searched, TVD ≤ 0.05", "Adversary, exact, TVD ≤ 0.05"]
    lines = [float(line.get_xdata()[0]) for ax in figure.axes for line in ax.lines]
    assert lines.count(float(np.log(2))) == 36
    assert {"ln 2", "maximum not known for (some) texts"} <= set(_legend(figure))
    bounded = plotted[plotted["n_bounds"] > 0].drop_duplicates([*CELL, "bin", "class"])
    assert set(bounded["encoder"]) == {"cnn"} and set(bounded["experiment"]) == {"adversary-exact-77aa00"}
    row = bounded.iloc[0]
    assert any(text.removeprefix("n = ") == f"{row['n']} ({row['n_bounds']})" for text in _texts(figure))
    assert any("(untrained)" in ax.get_ylabel() for ax in figure.axes)


def test_where_every_maximum_is_known_no_outline_says_otherwise(small: dict[str, pd.DataFrame]) -> None:
    exact = small["experiments"].assign(is_exact=1.0, encoder="bilstm")
    figure, plotted = _draw("adversary-by-max-attention", {**small, "experiments": exact})
    assert not plotted["n_bounds"].any() and "maximum not known for (some) texts" not in _legend(figure)


def test_adversary_histograms_draw_search_over_maximum_by_class(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("adversary-histograms", full)
    assert len(figure.axes) == 18 * 2
    sums = plotted.groupby([*CELL, "experiment", "class"])["fraction"].sum()
    np.testing.assert_allclose(sums, 1)
    first = plotted.iloc[0]
    assert figure.axes[0].get_title(loc="left") == f"{first['class_name']} (n = {first['n']})"
    assert _legend(figure) == [
        "found by the search, TVD ≤ 0.05",
        "the maximum, TVD ≤ 0.05",
        "found; the maximum may be larger",
        "ln 2",
        "means",
    ]
    means = {round(float(line.get_xdata()[0]), 12) for ax in figure.axes for line in ax.lines}
    assert {round(mean, 12) for mean in plotted["mean"]} <= means


def test_two_margins_of_the_exact_answer_have_rows_of_their_own(small: dict[str, pd.DataFrame]) -> None:
    wider = small["experiments"][small["experiments"]["experiment"] == "adversary-exact-77aa00"]
    both = pd.concat([small["experiments"], wider.assign(experiment="adversary-exact")])
    row = small["statistics"][small["statistics"]["metric"].str.startswith("adversary-exact-77aa00:")].iloc[[0]]
    row = row.assign(metric="adversary-exact:jsd_max", options='{"epsilon":0.01}')
    statistics = pd.concat([small["statistics"], row])
    data = {**small, "experiments": both, "statistics": statistics}
    figure, _ = _draw("adversary-histograms", data)
    labels = [ax.get_ylabel().splitlines()[-1] for ax in figure.axes if ax.get_ylabel()]
    assert labels == ["TVD ≤ 0.05", "TVD ≤ 0.01"] * 3
    figure, plotted = _draw("adversary-by-max-attention", data)
    assert len(figure.axes) == 3 * 3 and plotted["experiment"].nunique() == 3


@pytest.mark.parametrize(
    "name", [name for name in FIGURES if "max-attention" in name or name == "adversary-histograms"]
)
@pytest.mark.parametrize("classes", [["all"], ["0", "1", "2"], [str(i) for i in range(9)]], ids=len)
def test_one_class_and_many_are_drawn(
    name: str, classes: list[str], small: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    table = small["experiments"]
    number = np.arange(len(table)) % len(classes)
    table = table.assign(**{"class": np.array(classes)[number], "class_name": [f"class {i}" for i in number]})
    figure, plotted = _draw(name, {**small, "experiments": table})
    assert set(plotted.groupby([*CELL, "experiment"])["class"].nunique()) == {min(len(classes), 6)}
    assert save(figure, plotted, tmp_path / name)[0].is_file()
    if len(classes) > 6:
        assert "4 other classes" in set(plotted["class_name"])


def test_a_class_has_its_place_and_colour_where_a_model_predicts_no_other(small: dict[str, pd.DataFrame]) -> None:
    table = small["experiments"]
    one_sided = (table["attention"] == "dot") & (table["class"] == "0")
    data = {**small, "experiments": table[~one_sided]}
    figure, _ = _draw("permutation-by-max-attention", data)
    both, alone = figure.axes
    colours = [handle.get_facecolor()[:3] for handle in both.get_legend().get_patches()]
    assert [handle.get_facecolor()[:3] for handle in alone.get_legend().get_patches()] == colours[1:]
    figure, _ = _draw("adversary-histograms", data)
    shown = [[ax.get_title(loc="left").partition(" ")[0] for ax in figure.axes[i : i + 2] if ax.axison] for i in (0, 4)]
    assert shown == [["negative", "positive"], ["positive"]]


def test_bins_above_all_texts_of_a_data_set_take_no_room(full: dict[str, pd.DataFrame]) -> None:
    table = full["experiments"]
    weights = table["max_attention"].where(table["dataset"] != "sst", table["max_attention"] / 2)
    figure, _ = _draw("permutation-by-max-attention", {**full, "experiments": table.assign(max_attention=weights)})
    shown = [[tick.get_text() for tick in ax.get_yticklabels()] for ax in figure.axes]
    assert shown == [["0 – 0.25", "0.25 – 0.5", "0.5 – 0.75", "0.75 – 1"]] * 6 + [["0 – 0.25", "0.25 – 0.5"]] * 6


def test_limits_of_a_data_set_stand_in_lines_of_their_own(small: dict[str, pd.DataFrame]) -> None:
    limits = "train=2000,dev=500,test=200"
    figure, _ = _draw("adversary-histograms", {**small, "experiments": small["experiments"].assign(limits=limits)})
    name = figure.axes[0].get_ylabel().splitlines()
    assert name == ["SST [train=2000,", "dev=500, test=200]", "CNN, additive"]


def test_metric_agreement_has_models_below_the_diagonal_and_methods_above(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("metric-agreement", full)
    table = full["agreement"]
    ax = next(ax for ax in figure.axes if ax.get_title(loc="left").startswith("SST"))
    assert ax.get_title(loc="left").split("\n")[1:] == ["below: 6 models", "above: 6 methods"]
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]  # shared
    assert names == sorted(names) and "Kendall τ with gradient" in names and "Permuted attention: tvd median" in names
    values = ax.findobj(QuadMesh)[0].get_array().reshape(len(names), len(names))
    sst = table[(table["dataset"] == "sst") & (table["kind"] == "metrics")]
    one = sst[(sst["metric"] == "accuracy") & (sst["metric_other"] == "permutation:tvd_median")]
    assert values[names.index("Permuted attention: tvd median"), names.index("Accuracy")] == one["value"].item()
    both = sst[(sst["ranked"] == "methods") & sst["model"].isna()]
    assert values[names.index("Evidence AUPRC"), names.index("Precision at k")] == both["value"].item()
    assert np.ma.is_masked(values[names.index("Accuracy"), names.index("Precision at k")])
    assert not plotted["method"].isin(["gradient"]).any()


def test_metric_agreement_is_bold_where_neither_chance_nor_resampling_explains_it(
    full: dict[str, pd.DataFrame],
) -> None:
    def bold(p_adjusted: float) -> int:
        figure, _ = _draw("metric-agreement", {"agreement": full["agreement"].assign(p_adjusted=p_adjusted)})
        return len([text for ax in figure.axes for text in ax.texts if text.get_weight() == "bold"])

    _, plotted = _draw("metric-agreement", full)
    assert bold(0.05) == ((plotted["ci_low"] > 0) | (plotted["ci_high"] < 0)).sum() > 0
    assert bold(0.06) == 0


def test_rank_stability_writes_ranks_ranges_and_shares_of_the_table(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("rank-stability", full)
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


def test_comparisons_show_what_is_told_then_the_largest_effects(full: dict[str, pd.DataFrame]) -> None:
    table = full["comparisons"]
    figure, plotted = _draw("comparisons", full)
    known = table.dropna(subset=["verdict"])
    told = known["verdict"] != "cannot be told"
    assert len(known) > len(plotted) == 20 and "20 of 60 comparisons" in _legend(figure)
    expected = known[told].loc[known.loc[told, "effect"].abs().sort_values(ascending=False).index]["difference"]
    assert sorted(plotted["difference"]) == sorted(expected[:20])
    for _, rows in plotted.groupby("metric"):
        assert rows["difference"].is_monotonic_decreasing
    marks = {round(float(line.get_xdata()[0]), 12) for ax in figure.axes for line in ax.lines}
    assert {*plotted["difference"].round(12), *plotted["ci_low"].round(12)} <= marks
    shades = [band.get_paths()[0].vertices[:, 0] for ax in figure.axes for band in ax.collections]
    assert {-0.1, 0.1} <= {round(float(x), 12) for shade in shades for x in shade}


def test_comparisons_that_do_not_vary_come_last_and_those_outside_of_the_family_not(
    full: dict[str, pd.DataFrame],
) -> None:
    table = full["comparisons"].assign(verdict="cannot be told", effect=0.5)
    table.loc[0, ["effect", "difference"]] = np.nan, 0.0
    table.loc[1, ["effect", "difference"]] = np.nan, 0.3
    table.loc[2, ["p_adjusted", "effect"]] = np.nan, 9.0
    _, plotted = _draw("comparisons", {"comparisons": table})
    assert plotted["effect"].isna().sum() == 1 and 0.3 in set(plotted["difference"])
    assert 9.0 not in set(plotted["effect"])
    _, few = _draw("comparisons", {"comparisons": table.iloc[:5]})
    assert len(few) == 4


@pytest.mark.parametrize(("verdict", "marker"), [("different", "o"), ("equivalent", "s"), ("cannot be told", "o")])
def test_verdicts_are_marked(verdict: str, marker: str, full: dict[str, pd.DataFrame]) -> None:
    table = full["comparisons"].dropna(subset=["verdict"]).assign(verdict=verdict)
    figure, _ = _draw("comparisons", {"comparisons": table})
    marks = {line.get_marker() for ax in figure.axes for line in ax.lines} - {"None", None, ""}
    filled = {line.get_markerfacecolor() for ax in figure.axes for line in ax.lines if line.get_marker() == marker}
    assert marks == {marker} and ("white" in filled) == (verdict == "cannot be told") and _legend(figure)[0] == verdict


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_readable_at_its_width(name: str, full: dict[str, pd.DataFrame]) -> None:
    figure, _ = _draw(name, full)
    columns = registry.facts("figure", name)["columns"]
    texts = _visible(figure)
    assert columns in WIDTHS and figure.get_figwidth() <= WIDTHS[columns] and WIDTHS == {1: 3.3, 2: 6.9}
    assert min(text.get_fontsize() for text in texts) >= 7
    page = figure.bbox.padded(1)  # pixel
    cut = [text.get_text() for text in texts if not page.containsx(text.get_window_extent().x0)]
    cut += [text.get_text() for text in texts if not page.containsx(text.get_window_extent().x1)]
    assert not cut, cut


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


def test_adversary_curves_join_the_adversaries_of_a_model_by_lambda(full: dict[str, pd.DataFrame]) -> None:
    figure, plotted = _draw("adversary-curves", full)
    assert len(figure.axes) == 6 and {ax.get_xlim()[1] >= np.log(2) for ax in figure.axes} == {True}
    for ax, (_, rows) in zip(figure.axes, plotted.groupby(CELL, sort=False), strict=True):
        (line,) = (one for one in ax.lines if len(one.get_xdata()) == 4)
        trained = rows[rows["kind"] == "trained adversary"].sort_values("lambda")
        np.testing.assert_array_equal(np.column_stack(line.get_data()), trained[["jsd", "tvd"]].to_numpy())
    titles = [" ".join(ax.get_title(loc="left").split()) for ax in figure.axes]
    assert titles[4] == "SST: BiLSTM, additive"
    shown = _texts(figure)
    assert sum(text.startswith("no area: its adversaries reach") for text in shown) == 2
    assert any(text.startswith("area 0.021 [0.01") for text in shown)
    assert {"another seed", "post hoc, exact", "area under the frontier, to 0.4 nats"} <= set(_legend(figure))


def test_adversaries_beside_other_regularisers_are_lines_of_their_own(full: dict[str, pd.DataFrame]) -> None:
    rows = full["curves"]
    rows = rows[(rows["dataset"] == "sst") & (rows["encoder"] == "cnn")]
    more = rows[rows["kind"] == "trained adversary"].iloc[:2].assign(tvd=0.4)
    more["attack"] = [f"{name}+mlm" for name in more["attack"]]
    figure, _ = _draw("adversary-curves", {"curves": pd.concat([rows, more])})
    assert sorted(len(one.get_xdata()) for one in figure.axes[0].lines if one.get_linewidth() == 1.1) == [2, 4]
