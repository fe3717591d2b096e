"""Where each model and each method ranks under each metric, and how firmly: rank, range, share of first places."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from attnexplain.figures import fitting
from attnexplain.figures.agreement import METHODS, MODELS, item_name, metric_name, shown
from attnexplain.figures.cells import dataset_name, empty_figure
from attnexplain.figures.layout import TITLE, WIDTHS, wrapped
from attnexplain.figures.style import MUTED, Style, style_of, theme

FACTS = {
    "name": "rank-stability",
    "title": "How firm is each metric's ranking?",
    "citation": "Goldstein & Spiegelhalter (1996)",
    "caption": (
        "Rank of each trained model by what is measured of its attention, and of each attribution method by its mean "
        "over those models, where there are three or more; below a rank its range over resampled seeds and texts, "
        "where it has one. "
        "Colour: the share of resamples in which it is first. Of two neighbours whose ranges overlap the order is not "
        "to be relied on. A dash is a model or method without a value."
    ),
    "reads": ["agreement"],
    "columns": 2,
    "options": {},
}
COLUMNS = (
    *("dataset", "limits", "ranked", "metric", "method", "method_b", "item"),
    *("value", "ci_low", "ci_high", "ci_kind", "mean", "first_share", "order_share"),
    *("n_ranked", "n_examples", "n_seeds", "n_resamples", "missing_reason"),
)
FEWEST = 3
_COLOURS = "Blues"
_ROW, _COLUMN = 0.34, 0.5  # inches of a metric, and of an item at most
_TITLE = 0.5  # inches of a panel beside its metrics
_LABEL_INCHES = 2.1
_MOST = 10  # columns in which a rank and its range can be read
_DATASET = ["dataset", "limits"]
_RULES = {
    MODELS: "those without a regulariser, and that most data sets have, first; ranks are among all",
    METHODS: fitting.FIRST,
}
_PALE = 0.6  # beyond, digits are white


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """A panel per data set of its models, then one per data set of the methods. Returns the figure and its rows."""
    rows = shown(tables["agreement"], "rank")[list(COLUMNS)]
    of_attention = (rows["ranked"] == METHODS) | rows["method"].notna()  # accuracy has a figure of its own
    rows = rows[of_attention & (rows["n_ranked"] >= FEWEST)]
    keys = ["ranked", "dataset", "metric", "method", "method_b", "item"]
    rows = rows.sort_values(keys, key=_models_first, kind="stable", na_position="first").reset_index(drop=True)
    with theme():
        if rows.empty:
            return empty_figure("No metric of this study ranks three models or methods."), rows
        return _figure(rows, style_of(settings)), rows


def _models_first(column: pd.Series) -> pd.Series:
    return column != MODELS if column.name == "ranked" else column


def _figure(rows: pd.DataFrame, style: Style) -> Figure:
    rows, said = _shown(rows, style)
    panels = [group for _, group in rows.groupby(["ranked", "dataset", "limits"], sort=False)]
    metrics = [_metrics(group, style) for group in panels]
    most = max(group["item"].nunique() for group in panels)
    heights = [len(names) for names in metrics]
    size = (
        max(4.0, min(WIDTHS[2], _LABEL_INCHES + most * _COLUMN)),
        sum(heights) * _ROW + len(panels) * _TITLE + _names_height(rows, style) + 0.9,
    )
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
    for place, (group, names, ax) in enumerate(zip(panels, metrics, axes, strict=True)):
        items = sorted(rows.loc[rows["ranked"] == group["ranked"].iloc[0], "item"].unique())
        _draw_panel(ax, group, names, items, style)
        last = place + 1 == len(panels) or panels[place + 1]["ranked"].iloc[0] != group["ranked"].iloc[0]
        ax.tick_params(labelbottom=last)
        title = f"{dataset_name(group.iloc[0], style).replace(',', ', ')}: {group['ranked'].iloc[0]}"
        ax.set_title(wrapped(title, size[0] - _LABEL_INCHES, TITLE))
    scale = ScalarMappable(Normalize(0, 1), mpl.colormaps[_COLOURS])
    look: dict[str, Any] = {"location": "bottom", "fraction": 0.03, "aspect": 40, "shrink": 0.6, "pad": 0.02}
    figure.colorbar(scale, ax=list(axes), label="share of resamples in which it is first", **look)
    fitting.say(figure, *said)
    return figure


def _shown(rows: pd.DataFrame, style: Style) -> tuple[pd.DataFrame, list[str]]:
    """The rows that are drawn: of the data sets that fit, the models and methods that fit beside each other; and words
    that say so.
    """
    said = []
    for ranked in (MODELS, METHODS):
        items = _items(rows[rows["ranked"] == ranked])
        rows = rows[(rows["ranked"] != ranked) | rows["item"].isin(items[:_MOST])]
        said.append(fitting.part(min(_MOST, len(items)), len(items), ranked, _RULES[ranked]))
    of_datasets = rows.groupby(_DATASET, sort=True)
    heights = [
        sum(len(_metrics(group, style)) * _ROW + _TITLE for _, group in of_one.groupby("ranked"))
        for _, of_one in of_datasets
    ]
    n = fitting.fitting(len(heights), lambda some: sum(heights[:some]) + _names_height(rows, style))
    said.append(fitting.part(n, len(heights), "data sets", fitting.FIRST))
    return rows[of_datasets.ngroup() < n], said


def _names_height(rows: pd.DataFrame, style: Style) -> float:
    """Inches of the names below the models, and below the methods."""
    letters = max(len(item_name(row["item"], row["ranked"], style)) for _, row in rows.iterrows())
    return 0.13 * letters * rows["ranked"].nunique() / 2


def _items(rows: pd.DataFrame) -> list[str]:
    """Models without a regulariser before others, with softmax before others, then those that most data sets have."""
    datasets = rows.groupby("item")["dataset"].nunique()
    return sorted(datasets.index, key=lambda item: (*_departs(item), -datasets[item], item))


def _departs(item: str) -> tuple[bool, bool]:
    """Whether a model, `encoder.attention+normaliser.regulariser`, has a regulariser and a normaliser of its own; a
    method has none.
    """
    _, attention, regulariser, *_ = [*item.split("."), "", "none"]
    return regulariser != "none", "+" in attention


def _metrics(rows: pd.DataFrame, style: Style) -> list[str]:
    return list(dict.fromkeys(_metric(row, style) for _, row in rows.iterrows()))


def _metric(row: pd.Series, style: Style) -> str:
    return metric_name(row["metric"], row["method"], row["method_b"], style)


def _draw_panel(ax: Axes, rows: pd.DataFrame, metrics: list[str], items: list[str], style: Style) -> None:
    """A metric per line, an item per column."""
    shares = np.full((len(metrics), len(items)), np.nan)
    for _, row in rows.iterrows():
        place = metrics.index(_metric(row, style)), items.index(row["item"])
        shares[place] = row["first_share"]
        _write(ax, place[1] + 0.5, place[0] + 0.5, row)
    ax.pcolormesh(shares, cmap=_COLOURS, vmin=0, vmax=1, edgecolors="white", linewidth=0.8)
    ax.set(facecolor="#f2f2f2", xlim=(0, len(items)), ylim=(len(metrics), 0))
    names = [item_name(item, rows["ranked"].iloc[0], style) for item in items]
    ax.set_xticks(np.arange(len(items)) + 0.5, names, rotation=90)
    ax.set_yticks(np.arange(len(metrics)) + 0.5, metrics)
    ax.grid(visible=False)
    ax.tick_params(length=0)


def _write(ax: Axes, x: float, y: float, row: pd.Series) -> None:
    """The rank, and its range below it where there is one."""
    if pd.isna(row["value"]):
        ax.text(x, y, "–", ha="center", va="center", color=MUTED, fontsize=7)
        return
    colour = "white" if row["first_share"] > _PALE else "black"
    ranges = pd.notna(row["ci_low"]) and row["ci_low"] < row["ci_high"]
    ax.text(x, y - 0.18 * ranges, f"{row['value']:g}", ha="center", va="center", color=colour, fontsize=8)
    if ranges:
        text = f"{row['ci_low']:g}–{row['ci_high']:g}"
        ax.text(x, y + 0.24, text, ha="center", va="center", color=colour, fontsize=7)
