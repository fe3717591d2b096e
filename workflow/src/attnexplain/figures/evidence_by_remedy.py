"""Which method finds the evidence under which remedy: mean evidence AUPRC, a row per model and a column per method."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from attnexplain.figures import fitting
from attnexplain.figures.cells import dataset_name, empty_figure, of_metric
from attnexplain.figures.layout import NOTE, TITLE, WIDTHS, text_width, wrapped
from attnexplain.figures.remedies import ONE_THING_FIRST, plainest, remedy_name, sorted_remedies
from attnexplain.figures.style import Style, style_of, theme
from attnexplain.statistics.notions import is_remedy
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "evidence-by-remedy",
    "title": "Evidence found by each method under each remedy",
    "citation": "DeYoung et al. (2020); Bastings et al. (2022)",
    "caption": (
        "Mean average precision (AUPRC) in ranking a text's tokens against those that are evidence: in generated data "
        "the tokens that decide the label, else what people marked. A row per trained model, named by what is not "
        "plain of it; bold: the highest mean of the row. A dash: no value. Intervals stand in the table `statistics`; "
        "which methods they tell from attention, says `attnexplain findings`."
    ),
    "reads": ["gains", "statistics"],
    "columns": 2,
    "options": {},
}
COLUMNS = (*CELL, "method", "metric", "mean", "ci_low", "ci_high", "ci_kind", "n_examples", "n_seeds", "missing_reason")
_MODEL = ["encoder", "attention", "normaliser", "regulariser"]
_SIDE, _ROW = 0.33, 0.16  # inches of a cell
_SOME = 20  # models that have room beside any number of data sets
_PALE = 0.55  # beyond, digits are white
_MAP = "cividis_r"


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """A square of models and methods per data set. Returns the figure and its rows."""
    table = of_metric(tables["statistics"], "evidence-auprc")
    table = table[(table["class"] == "all") & table["method"].notna()]
    rows = table[[is_remedy(row) for row in table.to_dict("records")]] if len(table) else table
    axes = tables["gains"].drop_duplicates(list(CELL))[[*CELL, "axis"]]
    found = rows.loc[rows["mean"].notna(), list(COLUMNS)].merge(axes, on=list(CELL), how="left")
    with theme():
        if found.empty:
            said = "; ".join(sorted(set(rows["missing_reason"].dropna())))
            message = f"No data set of this study has evidence that a method was measured by. {said}"
            return empty_figure(message.strip()), found[list(COLUMNS)]
        plain = plainest(found)
        shown = sorted_remedies(found.sort_values(["dataset", "method"], kind="stable"), plain)[list(COLUMNS)]
        return _figure(shown, plain, style_of(settings)), shown


def _figure(shown: pd.DataFrame, plain: dict[str, str], style: Style) -> Figure:
    shown = shown.assign(remedy=[remedy_name(row, plain, style) for row in shown.to_dict("records")])
    models, methods = list(dict.fromkeys(shown["remedy"])), sorted(set(shown["method"]), key=_attention_first)
    panels = [rows for _, rows in shown.groupby(["dataset", "limits"], sort=True)]
    label = max(text_width(name, NOTE) for name in models) + 0.2
    fit = max(1, int((WIDTHS[2] - label) / (_SIDE * len(methods) + 0.15)))
    below = max(text_width(style.label(one), NOTE) for one in methods) + 0.15

    def height(n_panels: int, n_models: int) -> float:
        return -(-n_panels // min(n_panels, fit)) * (_ROW * n_models + 0.55 + below)

    total = len(panels), len(models)
    panels = panels[: fitting.fitting(total[0], lambda n: height(n, min(total[1], _SOME)))]
    models = models[: fitting.fitting(total[1], lambda n: height(len(panels), n))]
    across = min(len(panels), fit)
    down = -(-len(panels) // across)
    size = (
        WIDTHS[2] if across > 1 else label + _SIDE * len(methods) + 1.0,
        height(len(panels), len(models)) + 0.5,
    )
    figure = Figure(figsize=(max(size[0], WIDTHS[1]), size[1]), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False, sharey=True)
    for place, ax in enumerate(axes.flat):
        if place >= len(panels):
            ax.remove()
            continue
        _draw_panel(ax, panels[place], models, methods, style)
        title = dataset_name(panels[place].iloc[0], style)
        ax.set_title(wrapped(title, max(_SIDE * len(methods), 1.2), TITLE))
    scale = ScalarMappable(Normalize(0, 1), mpl.colormaps[_MAP])
    drawn = list(axes.flat[: len(panels)])
    figure.colorbar(scale, ax=drawn, label="evidence AUPRC", location="bottom", fraction=0.03, aspect=40, shrink=0.6)
    fitting.say(
        figure,
        fitting.part(len(models), total[1], "models", ONE_THING_FIRST),
        fitting.part(len(panels), total[0], "data sets", fitting.FIRST),
    )
    return figure


def _attention_first(method: str) -> tuple[bool, str]:
    return method != "attention", method


def _draw_panel(ax: Axes, rows: pd.DataFrame, models: list[str], methods: list[str], style: Style) -> None:
    values = np.full((len(models), len(methods)), np.nan)
    for row in rows[rows["remedy"].isin(models)].to_dict("records"):
        values[models.index(row["remedy"]), methods.index(row["method"])] = row["mean"]
    ax.pcolormesh(values, cmap=_MAP, vmin=0, vmax=1, edgecolors="white", linewidth=0.8)
    for (i, j), value in np.ndenumerate(values):
        best = bool(np.isfinite(value) and value == np.nanmax(values[i]))
        look: dict[str, Any] = {"fontsize": NOTE, "ha": "center", "va": "center", "in_layout": False}
        look |= {"color": "white" if value > _PALE else "black", "fontweight": "bold" if best else "normal"}
        ax.text(j + 0.5, i + 0.5, "–" if np.isnan(value) else f"{value:.2f}", **look)
    ax.set(facecolor="#f2f2f2", xlim=(0, len(methods)), ylim=(len(models), 0))
    ax.set_xticks(np.arange(len(methods)) + 0.5, [style.label(one) for one in methods], rotation=90, fontsize=NOTE)
    ax.set_yticks(np.arange(len(models)) + 0.5, models, fontsize=NOTE)
    ax.tick_params(length=0)
    ax.grid(visible=False)
