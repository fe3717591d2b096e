"""How much attention has to go until the decision flips, by the ranking that is followed (Serrano & Smith 2019)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from attnexplain.figures import fitting
from attnexplain.figures.cells import dataset_name, empty_figure, model_name, sort_cells
from attnexplain.figures.layout import NOTE, TICK, TITLE, WIDTHS, legend_below, wrapped
from attnexplain.figures.style import CYCLE, INK, NULL_COLOUR, Style, style_of, theme
from attnexplain.identifiers import base_name
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "erasure-by-ranking",
    "title": "How many words lose their attention before the decision flips",
    "citation": "Serrano & Smith (2019), set removal",
    "caption": (
        "Share of a text's words whose attention is removed, the rest renormalised, until the predicted class changes, "
        "for the test texts of all seeds, by the ranking that is followed: random, by attention, by the gradient of "
        "the predicted class with respect to the weights, by their product. Boxes are quartiles, the line in them the "
        "median, dots means. Texts of one word, and those whose decision stays when nothing is left, are left out: the "
        "number at the right is the share of both. Trained models only."
    ),
    "reads": ["experiments"],
    "columns": 2,
    "experiments": {
        "columns": {
            "erasure": ["removed_random", "removed_attention", "removed_gradient", "removed_gradient_x_attention"],
        },
        "controls": ["none"],
    },
    "options": {},
}
RANKINGS = {
    "random": "random",
    "attention": "attention",
    "gradient": "gradient",
    "gradient_x_attention": "gradient × attention",
}
COLOURS = dict(zip(RANKINGS, (NULL_COLOUR, *CYCLE[:3]), strict=True))
QUARTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}
COLUMNS = [*CELL, "experiment", "ranking", *QUARTILES, "mean", "n", "n_undefined"]
_PANEL = ["dataset", "limits"]
_ROW, _TITLE = 0.125, 0.32  # inches of one ranking, and of a panel beside its rankings
_NAMES = 2.0  # inches of a model's name
_THICK = 0.8  # of a box, of the room that a ranking has


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Panels: one per data set; in each four boxes per model. Returns the figure and its boxes."""
    plotted = sort_cells(boxes(tables["experiments"]))
    with theme():
        if plotted.empty:
            return empty_figure("No text whose attention was erased in this study."), plotted
        return _figure(plotted, style_of(settings)), plotted


def boxes(texts: pd.DataFrame) -> pd.DataFrame:
    """One row per cell, experiment and ranking (`COLUMNS`); numbers are NaN where no decision flips."""
    if len(texts):
        texts = texts[(texts["experiment"].map(base_name) == "erasure") & (texts["control"] == "none")]
    found = []
    for keys, rows in texts.groupby([*CELL, "experiment"], sort=True) if len(texts) else ():
        about = dict(zip([*CELL, "experiment"], map(str, keys), strict=True))
        for ranking in RANKINGS:
            values = np.sort(rows[f"removed_{ranking}"].dropna().to_numpy(float))
            found.append({**about, "ranking": ranking, **_box(values), "n_undefined": len(rows) - len(values)})
    return pd.DataFrame(found, columns=COLUMNS)


def _box(values: np.ndarray) -> dict[str, float]:
    quartiles = np.quantile(values, list(QUARTILES.values())) if len(values) else [np.nan] * len(QUARTILES)
    mean = values.mean() if len(values) else np.nan
    return {**dict(zip(QUARTILES, map(float, quartiles), strict=True)), "mean": float(mean), "n": len(values)}


def _figure(plotted: pd.DataFrame, style: Style) -> Figure:
    models = fitting.models(
        plotted, [*CELL, "experiment"], lambda some: sum(height + _TITLE for height in _heights(some))
    )
    plotted = models.of(plotted)
    panels = [rows for _, rows in plotted.groupby(_PANEL, sort=False)]
    heights = _heights(models.rows)
    size = (WIDTHS[2], sum(heights) + _TITLE * len(panels) + 0.4)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(panels), 1, squeeze=False, sharex=True, height_ratios=heights)[:, 0]
    several = plotted["experiment"].nunique() > 1
    for ax, rows in zip(axes, panels, strict=True):
        ax.set_title(wrapped(dataset_name(rows.iloc[0], style).replace(",", ", "), WIDTHS[2] - _NAMES, TITLE))
        ax.set_title("left out", loc="right", fontsize=NOTE)
        _draw_panel(ax, rows, style, several)
    axes[0].set_xlim(0, 1)
    axes[-1].set_xlabel("share of words removed until the decision flips")
    handles: list[Any] = [Patch(color=COLOURS[key], label=name) for key, name in RANKINGS.items()]
    handles.append(Line2D([], [], color=INK, linewidth=1.2, label="median"))
    mean: dict[str, Any] = {"marker": "o", "markersize": 3, "linestyle": "none", "markerfacecolor": "white"}
    legend_below(figure, [*handles, Line2D([], [], color=INK, label="mean", **mean)], most=6)
    models.say(figure)
    return figure


def _heights(models: pd.DataFrame) -> list[float]:
    """Inches of the panel of each data set of a table with a row per model."""
    return [n * (len(RANKINGS) * _ROW + 0.06) for n in models.groupby(_PANEL, sort=False).size()]


def _draw_panel(ax: Axes, rows: pd.DataFrame, style: Style, several: bool) -> None:
    """Models from top to bottom, in each the rankings in their order."""
    step = len(RANKINGS) + 0.5
    models = [box for _, box in rows.groupby([*CELL, "experiment"], sort=False)]
    for place, box in enumerate(models):
        for row in range(len(box)):
            _draw_box(ax, box.iloc[row], place * step + row)
    middles = [place * step + (len(RANKINGS) - 1) / 2 for place in range(len(models))]
    ax.set_yticks(middles, [_name(box.iloc[0], style, several) for box in models])
    ax.set_ylim(len(models) * step - 0.75, -0.75)
    ax.grid(axis="y", visible=False)


def _name(row: pd.Series, style: Style, several: bool) -> str:
    """The model, and the experiment where there are several with other options."""
    names = [model_name(row, style), *([style.label(row["experiment"])] if several else [])]
    return wrapped("\n".join(names), _NAMES, TICK)


def _draw_box(ax: Axes, row: pd.Series, y: float) -> None:
    if row["n"]:
        width = row["q75"] - row["q25"]
        ax.barh(y, width, _THICK, row["q25"], color=COLOURS[row["ranking"]], linewidth=0, zorder=2)
        ax.plot([row["median"]] * 2, [y - _THICK / 2, y + _THICK / 2], color=INK, linewidth=1.2, zorder=3)
        look: dict[str, Any] = {"marker": "o", "markersize": 3, "markerfacecolor": "white", "markeredgewidth": 0.8}
        ax.plot(row["mean"], y, color=INK, zorder=4, clip_on=False, **look)
    left_out = f"{row['n_undefined'] / (row['n'] + row['n_undefined']):.0%}"
    ax.text(1.01, y, left_out, transform=ax.get_yaxis_transform(), va="center", fontsize=NOTE)
