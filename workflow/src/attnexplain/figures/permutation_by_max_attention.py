"""How far the prediction moves when attention is permuted, by the largest weight (Jain & Wallace 2019, figure 6)."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from attnexplain.figures.cells import empty_figure, sort_cells
from attnexplain.figures.style import style_of, theme
from attnexplain.figures.violin_panels import figure_of
from attnexplain.figures.violins import violins
from attnexplain.identifiers import base_name

FACTS = {
    "name": "permutation-by-max-attention",
    "title": "What permuting attention does to the prediction, by the largest attention weight",
    "citation": "Jain & Wallace (2019), figure 6",
    "caption": (
        "Total variation distance between the prediction of a text and that under its permuted attention (median over "
        "permutations), for the test texts of all seeds by their largest attention weight and predicted class. A "
        "violin is a density (Gaussian kernel, bandwidth by Scott's rule) within the range of its data, all violins "
        "equally high; bins above all texts of a data set are left out; n counts texts × seeds. Far left: it does not "
        "matter which words the attention is on. Trained models only."
    ),
    "reads": ["statistics", "experiments"],
    "columns": 2,
    "experiments": {"columns": {"permutation": ["tvd_median", "max_attention"]}, "controls": ["none"]},
    "options": {},
}
_AXIS = {"xlim": (-0.012, 1), "xlabel": "median distance of the predictions (TVD)"}


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Panels: a row per data set and model, a column per variant. Returns the figure and densities with quartiles."""
    texts = tables["experiments"]
    if len(texts):
        texts = texts[(texts["experiment"].map(base_name) == "permutation") & (texts["control"] == "none")]
    texts = texts.rename(columns={"tvd_median": "value"}).assign(is_bound=False)
    plotted = sort_cells(violins(texts, tables["statistics"], ["tvd_median"]))
    with theme():
        if plotted.empty:
            return empty_figure("No text whose attention was permuted in this study."), plotted
        style = style_of(settings)
        names = {experiment: style.label(experiment) for experiment in sorted(set(plotted["experiment"]))}
        figure, _ = figure_of(plotted, style, names, settings["confidence"], _AXIS)
        return figure, plotted
