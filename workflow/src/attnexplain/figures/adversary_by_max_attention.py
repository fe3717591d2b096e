"""How far adversarial attention lies from the learned one, by the largest weight (Jain & Wallace 2019, figure 7)."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from attnexplain.figures.adversaries import LN2, adversaries, experiment_names, margins
from attnexplain.figures.cells import empty_figure, sort_cells
from attnexplain.figures.style import MUTED, Style, style_of, theme
from attnexplain.figures.violin_panels import figure_of
from attnexplain.figures.violins import violins

FACTS = {
    "name": "adversary-by-max-attention",
    "title": "How far another attention with the same prediction lies, by the largest attention weight",
    "citation": "Jain & Wallace (2019), figure 7",
    "caption": (
        "Jensen-Shannon divergence between the learned attention of a text and the farthest attention with (nearly) "
        "the same prediction, for the test texts of all seeds by their largest attention weight and predicted class: "
        "as the published search finds it, and as it is. ln 2 is the largest divergence there is. A violin is a "
        "density (Gaussian kernel, bandwidth by Scott's rule) within the range of its data, all violins equally high; "
        "bins above all texts of a data set are left out; n counts texts × seeds. Dashed outline: for some texts, "
        "counted in brackets, the maximum is not known, and the farthest attention found stands for it. Untrained "
        "models stand beside the trained ones, to see whether the test tells them apart."
    ),
    "reads": ["statistics", "experiments"],
    "columns": 2,
    "experiments": {
        "columns": {
            "adversary": ["jsd_max", "is_exact", "max_attention"],
            "adversary-exact": ["jsd_max", "jsd_found", "is_exact", "max_attention"],
        },
        "controls": ["none", "untrained"],
    },
    "options": {},
}
_AXIS = {"xlim": (-0.009, 0.72), "xlabel": "JSD from the learned attention"}
_LN2: dict[str, Any] = {"color": MUTED, "linewidth": 0.9, "linestyle": (0, (1, 1.5))}


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Panels: a row per data set and model, a column per adversary. Returns the figure and densities with quartiles."""
    texts = adversaries(tables["experiments"])
    texts = texts.assign(is_bound=texts["kind"] == "found")
    plotted = sort_cells(violins(texts, tables["statistics"], ["jsd_found", "jsd_max"]))
    with theme():
        if plotted.empty:
            return empty_figure("No adversarial attention in this study."), plotted
        known = margins(tables["statistics"])
        return _figure(plotted, known, style_of(settings), settings["confidence"]), plotted


def _figure(plotted: pd.DataFrame, known: dict[str, float], style: Style, confidence: float) -> Figure:
    names = experiment_names(plotted["experiment"], known, style)
    more = [Line2D([], [], label="ln 2", **_LN2)]
    if plotted["n_bounds"].any():
        look: dict[str, Any] = {"color": MUTED, "linewidth": 0.8, "linestyle": (0, (2, 1.2))}
        more.append(Line2D([], [], label="maximum not known for (some) texts", **look))
    figure, axes = figure_of(plotted, style, names, confidence, _AXIS, more)
    for ax in axes.flat:
        ax.axvline(LN2, zorder=1, **_LN2)
    return figure
