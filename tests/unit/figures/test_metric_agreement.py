"""Agreement of metrics: texts and numbers of the figure are those of the tables."""

import numpy as np
from matplotlib.collections import QuadMesh

from figure_drawing import Tables, draw, figure_of


def test_metric_agreement_has_models_below_the_diagonal_and_methods_above(full: Tables) -> None:
    figure, plotted = figure_of("metric-agreement")
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


def test_metric_agreement_is_bold_where_neither_chance_nor_resampling_explains_it(full: Tables) -> None:
    def bold(p_adjusted: float) -> int:
        figure, _ = draw("metric-agreement", {"agreement": full["agreement"].assign(p_adjusted=p_adjusted)})
        return len([text for ax in figure.axes for text in ax.texts if text.get_weight() == "bold"])

    _, plotted = figure_of("metric-agreement")
    assert bold(0.05) == ((plotted["ci_low"] > 0) | (plotted["ci_high"] < 0)).sum() > 0
    assert bold(0.06) == 0
