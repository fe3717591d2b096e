"""Differences of tau: texts and numbers of the figure are those of the tables."""

from figure_drawing import CELL, figure_of, legend_of


def test_tau_differences_mark_mean_and_interval_and_say_what_they_rest_on() -> None:
    figure, plotted = figure_of("tau-differences")
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
    assert legend_of(figure) == ["mean", "95 % interval (two-way)", "no difference"]
