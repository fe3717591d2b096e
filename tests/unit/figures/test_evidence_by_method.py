"""Evidence by method: texts and numbers of the figure are those of the tables."""

from figure_drawing import Tables, draw, figure_of, legend_of


def test_evidence_is_drawn_with_its_chance_and_leaves_out_data_without_any(full: Tables) -> None:
    statistics = full["statistics"]
    rows = (statistics["metric"] == "evidence-auprc") & (statistics["class"] == "all")
    shown = statistics[rows & (statistics["control"] == "none")]
    figure, plotted = figure_of("evidence-by-method")
    assert legend_of(figure) == ["mean", "95 % interval (two-way)", "random ranking"]
    assert sorted(plotted["mean"]) == sorted(shown["mean"])
    reason = "undefined for every example; most often: data has no evidence"
    bare = statistics.assign(missing_reason=statistics["missing_reason"].where(statistics["dataset"] != "sst", reason))
    _, plotted = draw("evidence-by-method", {**full, "statistics": bare})
    assert "sst" not in set(plotted["dataset"]) and len(plotted)
