"""Mean tau by encoder: texts and numbers of the figure are those of the tables."""

import numpy as np
import pandas as pd

from figure_drawing import Tables, draw, figure_of, legend_of


def test_tau_by_encoder_names_axes_panels_and_legend() -> None:
    figure, _ = figure_of("tau-by-encoder")
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert "SST: Attention vs gradient" in titles and "Planted sentiment\nAttention vs leave-one-out" in titles
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["Average", "BiLSTM", "CNN"]
    assert figure.axes[-1].get_xlabel() == "mean Kendall τ"
    assert legend_of(figure) == [
        *("additive attention", "dot product attention", "trained", "control: shuffled labels", "control: untrained"),
        *("published, class 0, 1", "95 % interval (two-way)", "null range of the mean"),
    ]


def test_tau_by_encoder_draws_and_writes_exactly_the_tables_numbers(full: Tables) -> None:
    figure, plotted = figure_of("tau-by-encoder")
    table = full["statistics"]
    wanted = table[(table["class"] == "all") & (table["metric"] == "kendall-tau") & (table["method"] == "attention")]
    wanted = wanted[wanted["method_b"].isin(["gradient", "leave-one-out"])]
    assert sorted(plotted["mean"].dropna()) == sorted(wanted["mean"])
    drawn = {round(float(line.get_xdata()[0]), 12) for ax in figure.axes for line in ax.lines}
    marks = [*wanted["mean"], *wanted["ci_low"], *plotted["published"].dropna()]
    assert {round(value, 12) for value in marks} <= drawn
    published = plotted.dropna(subset=["published"])
    assert set(published["class"]) == {"0", "1"} and len(published) == 6 and published["n_examples"].isna().all()


def test_without_published_numbers_and_controls_the_legend_has_neither(full: Tables) -> None:
    table = full["statistics"]
    plain = table[table["control"] == "none"].assign(published=np.nan, null_low=np.nan, null_high=np.nan)
    figure, _ = draw("tau-by-encoder", {**full, "statistics": plain})
    assert legend_of(figure) == ["additive attention", "dot product attention", "95 % interval (two-way)"]


def test_a_variant_of_the_metric_has_panels_of_its_own(full: Tables) -> None:
    table = full["statistics"]
    signed = table[table["metric"] == "kendall-tau"].assign(metric="kendall-tau-3fa94c", published=np.nan)
    figure, plotted = draw("tau-by-encoder", {**full, "statistics": pd.concat([table, signed])})
    assert len(figure.axes) == 8 and len(plotted) == 96 + 6
    assert any("Kendall τ (3fa94c)" in ax.get_title(loc="left") for ax in figure.axes)


def test_the_layout_grows_with_encoders(full: Tables) -> None:
    table = full["statistics"]
    more = [table.assign(dataset=f"set-{i}", encoder=table["encoder"] + f"-{i}") for i in range(2)]
    small, _ = figure_of("tau-by-encoder")
    large, _ = draw("tau-by-encoder", {**full, "statistics": pd.concat(more)})
    assert large.get_figheight() > 1.5 * small.get_figheight()
    large.draw_without_rendering()
    assert min(ax.get_window_extent().height / large.dpi for ax in large.axes) > 6 * 0.3


def test_an_interval_beyond_the_range_of_tau_does_not_stretch_the_axis(full: Tables) -> None:
    figure, plotted = draw("tau-by-encoder", {**full, "statistics": full["statistics"].assign(ci_low=-3, ci_high=3)})
    assert figure.axes[0].get_xlim() == (-1.04, 1.04) and set(plotted["ci_high"].dropna()) == {3}
