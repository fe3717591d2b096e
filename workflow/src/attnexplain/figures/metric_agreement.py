"""Kendall tau between the rankings that two metrics give: of models below the diagonal, of methods above it."""

import textwrap
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from attnexplain.figures import fitting
from attnexplain.figures.agreement import METHODS, MODELS, metric_name, shown
from attnexplain.figures.cells import dataset_name, empty_figure
from attnexplain.figures.layout import WIDTHS
from attnexplain.figures.style import DIVERGING, MUTED, Style, style_of, theme

FACTS = {
    "name": "metric-agreement",
    "title": "Do the metrics rank models and methods alike?",
    "citation": "Kendall (1945)",
    "caption": (
        "Kendall τ between the rankings that two metrics give. Below the diagonal of trained models, by what is "
        "measured of their attention; above it of attribution methods, by their mean over those models. Red: ranked "
        "alike; blue: the opposite way. Bold: the interval over resampled seeds and texts leaves 0 out, and unrelated "
        "rankings of so few would seldom agree as much (p at most 1 - confidence after Holm's adjustment for all pairs "
        "of metrics); few models or methods can say little, and of three or four nothing can be bold at 95 %. A dash "
        "is undefined. Rankings go from the highest value: metrics that mean opposite things agree where they are blue."
    ),
    "reads": ["agreement"],
    "columns": 2,
    "options": {},
}
COLUMNS = (
    *("dataset", "limits", "ranked", "metric", "method", "method_b"),
    *("metric_other", "method_other", "method_b_other"),
    *("value", "ci_low", "ci_high", "ci_kind", "p_value", "p_adjusted", "p_least"),
    *("n_ranked", "n_examples", "n_seeds", "n_resamples", "missing_reason"),
)
_CELL_INCHES = 0.3
_LABEL_INCHES = 2.1
_PALE = 0.65  # beyond, digits are white
_TITLE = 34  # letters of a line


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """A square of metrics per data set. Returns the figure and the rows it shows, one per pair of metrics."""
    rows = shown(tables["agreement"], "metrics")[list(COLUMNS)]
    keys = ["dataset", "ranked", *(name for name in COLUMNS if name.startswith(("metric", "method")))]
    rows = rows.sort_values(keys, kind="stable", na_position="first").reset_index(drop=True)
    style = style_of(settings)
    with theme():
        if rows["metric"].notna().any():
            return _figure(rows, style, settings["confidence"]), rows
        said = "; ".join(f"{dataset_name(row, style)}: {row['missing_reason']}" for _, row in rows.iterrows())
        return empty_figure(f"No two metrics rank three models or methods. {said}".strip()), rows


def square(rows: pd.DataFrame, names: list[str], style: Style) -> dict[tuple[int, int], pd.Series]:
    """Of one data set, (place, place) -> row: that of models below the diagonal, that of methods above it."""
    found = {}
    for _, row in rows[rows["metric"].notna()].iterrows():
        first, second = sorted(names.index(name) for name in _pair(row, style))
        found[(second, first) if row["ranked"] == MODELS else (first, second)] = row
    return found


def _pair(row: pd.Series, style: Style) -> tuple[str, str]:
    return (
        metric_name(row["metric"], row["method"], row["method_b"], style),
        metric_name(row["metric_other"], row["method_other"], row["method_b_other"], style),
    )


def _figure(rows: pd.DataFrame, style: Style, confidence: float) -> Figure:
    pairs = [_pair(row, style) for _, row in rows[rows["metric"].notna()].iterrows()]
    names = sorted({name for pair in pairs for name in pair})
    panels = [group for _, group in rows.groupby(["dataset", "limits"], sort=False)]
    side = max(1.3, len(names) * _CELL_INCHES)
    across = max(1, int((WIDTHS[2] - _LABEL_INCHES) / side))
    total = len(panels)
    panels = panels[: fitting.fitting(total, lambda n: -(-n // across) * (side + 0.55))]
    n_rows = -(-len(panels) // across)
    n_columns = -(-len(panels) // n_rows)
    size = (max(n_columns * (side + 0.15) + _LABEL_INCHES, 4.0), n_rows * (side + 0.55) + _LABEL_INCHES + 0.6)
    figure = Figure(figsize=size, layout="compressed")
    axes = figure.subplots(n_rows, n_columns, squeeze=False, sharex=True, sharey=True)
    for group, ax in zip(panels, axes.flat, strict=False):
        _draw_square(ax, square(group, names, style), names, confidence)
        ax.set_title(_title(group, style))
    for place, ax in enumerate(axes.flat):
        if place >= len(panels):
            ax.remove()
        elif place + n_columns >= len(panels):
            ax.tick_params(labelbottom=True)
    scale = ScalarMappable(Normalize(-1, 1), mpl.colormaps[DIVERGING])
    look: dict[str, Any] = {
        "location": "bottom",
        "fraction": 0.03,
        "aspect": 40,
        "shrink": 0.8,
        "pad": 0.03,
        "ticks": [-1, -0.5, 0, 0.5, 1],
    }
    figure.colorbar(scale, ax=list(axes.flat[: len(panels)]), label="Kendall τ between rankings", **look)
    fitting.say(figure, fitting.part(len(panels), total, "data sets", fitting.FIRST))
    return figure


def _draw_square(ax: Axes, rows: dict[tuple[int, int], pd.Series], names: list[str], confidence: float) -> None:
    values = np.full((len(names), len(names)), np.nan)
    for place, row in rows.items():
        values[place] = row["value"]
    ax.pcolormesh(values, cmap=DIVERGING, vmin=-1, vmax=1, edgecolors="white", linewidth=0.8)
    for (i, j), row in rows.items():
        _write(ax, j + 0.5, i + 0.5, row, 1 - confidence)
    ax.set(aspect="equal", facecolor="#f2f2f2", xlim=(0, len(names)), ylim=(len(names), 0))
    ax.set_xticks(np.arange(len(names)) + 0.5, names, rotation=90)
    ax.set_yticks(np.arange(len(names)) + 0.5, names)
    ax.grid(visible=False)
    ax.tick_params(length=0)


def _write(ax: Axes, x: float, y: float, row: pd.Series, level: float) -> None:
    """The value in two digits, bold where neither resampling nor chance explains it."""
    value = row["value"]
    if pd.isna(value):
        ax.text(x, y, "–", ha="center", va="center", color=MUTED, fontsize=7)
        return
    off_zero = pd.notna(row["ci_low"]) and (row["ci_low"] > 0 or row["ci_high"] < 0)
    firm = off_zero and row["p_adjusted"] <= round(level, 12)
    text = f"{round(value, 2) + 0.0:.2f}".replace("0.", ".", 1).replace("-", "−")
    colour = "white" if abs(value) > _PALE else "black"
    ax.text(x, y, text, ha="center", va="center", color=colour, fontsize=7, weight="bold" if firm else "normal")


def _title(rows: pd.DataFrame, style: Style) -> str:
    """The data set, and how many are ranked on either side of the diagonal."""
    lines = [dataset_name(rows.iloc[0], style)]
    for ranked, where in ((MODELS, "below"), (METHODS, "above")):
        own = rows[rows["ranked"] == ranked]
        if own["value"].notna().any():
            lines.append(f"{where}: {own['n_ranked'].max()} {ranked}")
        elif len(own):
            lines += textwrap.wrap(f"{where}: {own['missing_reason'].iloc[0]}", _TITLE)
    return "\n".join(lines)
