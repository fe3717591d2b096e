"""Densities of how much better other measures agree with each other than with attention, text by text.

Jain & Wallace (2019), figures 3 and 4, with the mean's interval over texts and seeds.
"""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from attnexplain.figures import fitting
from attnexplain.figures.cells import empty_figure, inside_sentence, sort_cells
from attnexplain.figures.differences import KEYS, curves
from attnexplain.figures.layout import NOTE, WIDTHS, legend_below, wrapped
from attnexplain.figures.panels import finish_columns, headings_height, row_headings, set_headings
from attnexplain.figures.rows import interval_name
from attnexplain.figures.style import CYCLE, MUTED, Style, style_of, theme
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "tau-differences",
    "title": "Do gradient and leave-one-out agree better with each other than with attention?",
    "citation": "Jain & Wallace (2019), figures 3 and 4",
    "caption": (
        "For single test texts: Kendall τ of gradient with leave-one-out, minus τ of attention with leave-one-out "
        "(left) or with gradient (right). Above 0, attention agrees less with the other than the two agree with each "
        "other. Density over the texts of all seeds (Gaussian kernel, bandwidth by Scott's rule); the line is the "
        "mean, its band the interval over texts and seeds; n counts texts × seeds. A band that fills its panel says "
        "that there are too few seeds to tell. Trained models only, all predicted classes."
    ),
    "reads": ["measures", "differences"],
    "columns": 1,
    "measures": {
        "metric": "kendall-tau",
        "pairs": [["gradient", "leave-one-out"], ["attention", "leave-one-out"], ["attention", "gradient"]],
        "controls": ["none"],
    },
    "options": {},
}
_PANEL = 0.85  # inches
_WIDTH = 1.5  # inches of one of two panels
_TOP = 0.56  # of a panel's height: above it stands the text
_COLOUR = CYCLE[0]
ROW = [*CELL, "metric"]


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Panels: a row per data set and model, a column per difference. Returns the figure and densities with means."""
    plotted = sort_cells(curves(tables["differences"]))
    with theme():
        if plotted.empty:
            return empty_figure("No text with attention, gradient and leave-one-out scores in this study."), plotted
        return _figure(plotted, style_of(settings), settings["confidence"]), plotted


def _figure(plotted: pd.DataFrame, style: Style, confidence: float) -> Figure:
    plotted = plotted.assign(title=_titles(plotted, style))
    several = plotted["title"].nunique()
    models = fitting.models(
        plotted,
        ROW,
        lambda some: len(some) * _PANEL + headings_height(row_headings(some, style), several * _WIDTH),
    )
    plotted, rows = models.of(plotted), models.rows
    places = {key: i for i, key in enumerate(rows.itertuples(index=False, name=None))}
    titles = list(dict.fromkeys(plotted["title"]))
    size = (WIDTHS[1], len(rows) * _PANEL + 0.45)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(rows), len(titles), squeeze=False, sharex=True)
    drawn = set()
    for _, group in plotted.groupby(KEYS, sort=False):
        row = group.iloc[0]
        place = (places[tuple(row[ROW])], titles.index(row["title"]))
        _draw_panel(axes[place], group)
        drawn.add(place)
    set_headings(axes, row_headings(rows, style), titles, _WIDTH)
    axes[0, 0].xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    if plotted["x"].notna().any():
        axes[0, 0].set_xlim(plotted["x"].min(), plotted["x"].max())
    finish_columns(axes, drawn, list(rows["dataset"]), "difference of τ of a text")
    handles = [
        Line2D([], [], color=_COLOUR, linewidth=1.4, label="mean"),
        Patch(color=_COLOUR, alpha=0.35, linewidth=0, label=interval_name(plotted, confidence)),
        Line2D([], [], color=MUTED, linewidth=0.8, linestyle=(0, (1, 1.5)), label="no difference"),
    ]
    legend_below(figure, handles)
    models.say(figure)
    return figure


def _titles(plotted: pd.DataFrame, style: Style) -> list[str]:
    """The two agreements of each row."""

    def title(row: pd.Series) -> str:
        names = [inside_sentence(style.label(row[key])) for key in ("method", "method_b", "minus", "minus_b")]
        return "τ({}, {})\n− τ({}, {})".format(*names)

    keys = plotted.drop_duplicates(KEYS)
    titles = {tuple(row[KEYS]): title(row) for _, row in keys.iterrows()}
    return [titles[key] for key in plotted[KEYS].itertuples(index=False, name=None)]


def _draw_panel(ax: Axes, curve: pd.DataFrame) -> None:
    row = curve.iloc[0]
    ax.axvline(0, 0, _TOP, color=MUTED, linewidth=0.8, linestyle=(0, (1, 1.5)), zorder=1)
    if pd.notna(row["x"]):
        ax.fill_between(curve["x"], curve["density"], color=_COLOUR, alpha=0.18, linewidth=0, zorder=2)
        ax.plot(curve["x"], curve["density"], color=_COLOUR, linewidth=1.0, zorder=3)
    if pd.notna(row["ci_low"]):
        ax.axvspan(row["ci_low"], row["ci_high"], 0, _TOP, color=_COLOUR, alpha=0.35, linewidth=0, zorder=2)
    if pd.notna(row["mean"]):
        ax.axvline(row["mean"], 0, _TOP, color=_COLOUR, linewidth=1.4, zorder=4)
    ax.set_yticks([])
    ax.grid(visible=False, axis="y")
    text = ax.text(0.02, 0.95, wrapped(_summary(row), _WIDTH, NOTE), transform=ax.transAxes, va="top", fontsize=NOTE)
    text.set_in_layout(False)
    ax.set_ylim(
        0, 1.02 / _TOP * (1.0 if pd.isna(row["x"]) else curve["density"].max())
    )  # the text stands above the curve


def _summary(row: pd.Series) -> str:
    """The mean with its interval and what they rest on."""
    if pd.isna(row["mean"]):
        return f"no value: undefined for all {row['n_undefined']:,} texts × seeds"
    limits = f" [{_signed(row['ci_low'])}, {_signed(row['ci_high'])}]" if pd.notna(row["ci_low"]) else ""
    undefined = f", {row['n_undefined']:,} undefined" if row["n_undefined"] else ""
    seeds = f" × {row['n_seeds']}" if row["n_seeds"] > 1 else ""
    return f"{_signed(row['mean'])}{limits}\nn = {row['n_examples']:,}{seeds}{undefined}"


def _signed(value: float) -> str:
    rounded = round(value, 2)
    return f"{rounded:+.2f}".replace("-", "−") if rounded else "0.00"
