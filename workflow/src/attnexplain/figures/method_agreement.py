"""Mean Kendall tau of every method with every other: which importance measures agree at all."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from attnexplain.figures import fitting
from attnexplain.figures.cells import dataset_name, empty_figure, model_name, of_metric, sort_cells
from attnexplain.figures.layout import TITLE, WIDTHS, wrapped
from attnexplain.figures.style import DIVERGING, MUTED, Style, style_of, theme
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "method-agreement",
    "title": "Agreement of every method with every other",
    "citation": "Neely et al. (2021)",
    "caption": (
        "Mean Kendall τ between the scores of two methods, over the test texts of all predicted classes and over "
        "seeds; trained models only. Red: the methods rank words alike; blue: the opposite way; white: no more than "
        "chance. A dash is an agreement that is undefined or not computed."
    ),
    "reads": ["statistics"],
    "columns": 2,
    "options": {},
}
COLUMNS = (
    *CELL,
    *("method", "method_b", "metric", "mean", "ci_low", "ci_high", "ci_kind"),
    *("n_examples", "n_undefined", "n_seeds", "missing_reason"),
)
_CELL_INCHES = 0.31
_LABEL_INCHES = 1.3


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """A heat map per data set and model. Returns the figure and the rows it shows, one per pair of methods."""
    statistics = tables["statistics"]
    pairs = of_metric(statistics[(statistics["class"] == "all") & (statistics["control"] == "none")], "kendall-tau")
    pairs = pairs[pairs["method"].notna() & pairs["method_b"].notna()]
    pairs = sort_cells(pairs[list(COLUMNS)])
    with theme():
        if pairs.empty:
            return empty_figure("No agreement between methods in this study."), pairs
        return _figure(pairs, style_of(settings)), pairs


def matrix(pairs: pd.DataFrame, methods: list[str]) -> pd.DataFrame:
    """Symmetric methods x methods matrix of means; NaN on the diagonal and where there is no value."""
    square = pd.DataFrame(np.nan, index=methods, columns=methods)
    for first, second, mean in zip(pairs["method"], pairs["method_b"], pairs["mean"], strict=True):
        square.loc[first, second] = square.loc[second, first] = mean
    return square


def _figure(pairs: pd.DataFrame, style: Style) -> Figure:
    methods = sorted({*pairs["method"], *pairs["method_b"]})
    side = len(methods) * _CELL_INCHES
    across = max(1, int((WIDTHS[2] - _LABEL_INCHES) / side))
    row = side + 0.68
    models = fitting.models(pairs, [*CELL, "metric"], lambda some: -(-len(some) // across) * row)
    maps = [group for _, group in models.of(pairs).groupby([*CELL, "metric"], sort=False)]
    n_rows = -(-len(maps) // across)
    n_columns = -(-len(maps) // n_rows)  # rows of like length
    width = min(max(n_columns * (side + 0.1) + _LABEL_INCHES, 4.0), WIDTHS[2])
    size = (width, n_rows * row + _LABEL_INCHES + 0.5)
    figure = Figure(figsize=size, layout="compressed")
    axes = figure.subplots(n_rows, n_columns, squeeze=False, sharex=True, sharey=True)
    for group, ax in zip(maps, axes.flat, strict=False):
        _draw_map(ax, group, methods, style)
    _finish(axes, len(maps))
    scale = ScalarMappable(Normalize(-1, 1), mpl.colormaps[DIVERGING])
    look: dict[str, Any] = {
        "location": "bottom",
        "fraction": 0.03,
        "aspect": 50,
        "shrink": 0.6,
        "pad": 0.03,
        "ticks": [-1, -0.5, 0, 0.5, 1],
    }
    figure.colorbar(scale, ax=list(axes.flat[: len(maps)]), label="mean Kendall τ", **look)
    models.say(figure)
    return figure


def _draw_map(ax: Axes, pairs: pd.DataFrame, methods: list[str], style: Style) -> None:
    names = [style.label(method) for method in methods]
    square = matrix(pairs, methods)
    look: dict[str, Any] = {"cmap": DIVERGING, "vmin": -1, "vmax": 1, "square": True, "linewidths": 0.8, "cbar": False}
    sns.heatmap(square, ax=ax, annot=square.map(_digits), fmt="", annot_kws={"size": 7}, **look)
    ax.set_xticks(np.arange(len(methods)) + 0.5, names, rotation=90)
    ax.set_yticks(np.arange(len(methods)) + 0.5, names, rotation=0)
    ax.set_facecolor("#f2f2f2")
    ax.grid(visible=False)
    ax.tick_params(length=0)
    for i, j in zip(*np.where(square.isna()), strict=True):
        if i != j:
            ax.text(j + 0.5, i + 0.5, "–", ha="center", va="center", color=MUTED)
    first = pairs.iloc[0]
    names_above = (dataset_name(first, style).replace(",", ", "), model_name(first, style))
    ax.set_title("\n".join(wrapped(name, len(methods) * _CELL_INCHES, TITLE) for name in names_above))


def _digits(value: float) -> str:
    """Two digits without the leading zero, which would touch the neighbours; no negative zero."""
    return "" if np.isnan(value) else f"{round(value, 2) + 0.0:.2f}".replace("0.", ".", 1).replace("-", "−")


def _finish(axes: np.ndarray, n_maps: int) -> None:
    """Name the methods below the lowest map of each column; take unused places away."""
    for position, ax in enumerate(axes.flat):
        if position >= n_maps:
            ax.remove()
        elif position + axes.shape[1] >= n_maps:
            ax.tick_params(labelbottom=True)
