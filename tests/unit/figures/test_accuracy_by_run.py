"""Accuracy by run: texts and numbers of the figure are those of the tables."""

from figure_drawing import Tables, draw, figure_of, legend_of, texts_of


def test_accuracy_by_run_draws_every_run_and_the_mean_of_its_cell(full: Tables) -> None:
    figure, plotted = figure_of("accuracy-by-run")
    assert sorted(plotted["test_accuracy"]) == sorted(full["runs"]["test_accuracy"])
    table = full["statistics"]
    means = table[table["metric"] == "accuracy"]["mean"]
    assert set(plotted["mean"]) == set(means)
    drawn = [float(line.get_xdata()[0]) for ax in figure.axes for line in ax.lines]
    assert {*full["runs"]["test_accuracy"], *means} <= set(drawn)
    assert figure.axes[-1].get_xlabel() == "test accuracy" and "one run (seed)" in legend_of(figure)


def test_a_run_that_has_no_statistics_yet_is_still_drawn(full: Tables) -> None:
    figure, plotted = draw("accuracy-by-run", {**full, "statistics": full["statistics"].iloc[:0]})
    assert plotted["test_accuracy"].notna().all() and not any("no value" in text for text in texts_of(figure))
