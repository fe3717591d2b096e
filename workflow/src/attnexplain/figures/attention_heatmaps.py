"""Single texts under the learned attention and under another that gives (nearly) the same prediction.

Jain & Wallace (2019), figure 1; the texts are taken by a rule.
"""

import textwrap
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure

from attnexplain.figures import fitting
from attnexplain.figures.adversaries import experiment_names, margins
from attnexplain.figures.cells import dataset_name, empty_figure, model_name, sort_cells
from attnexplain.figures.layout import WIDTHS
from attnexplain.figures.style import INK, MUTED, Style, style_of, theme
from attnexplain.figures.text_blocks import LINE, Line, draw_lines, wrap
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "attention-heatmaps",
    "title": "The same prediction from another attention: examples",
    "citation": "Jain & Wallace (2019), figure 1",
    "caption": (
        "Left: a test text under its learned attention, with the prediction. Right: under the farthest attention "
        "found for it, with the total variation by which the prediction moves (TVD) and the divergence of the two "
        "attentions (JSD, at most ln 2 = 0.69). Chosen by rule: of one trained model per data set (BiLSTM with "
        "additive attention where the study has it, first seed), among the texts of at most 25 words, those at the "
        "median and at the upper quartile of the JSD, in the order of JSD and then of identifier, rounded down. Of a "
        "pair of texts, attention is on the first; the second stands below. Texts of credentialed data sets are not "
        "shown."
    ),
    "reads": ["statistics", "texts"],
    "columns": 2,
    "texts": {"experiments": ["adversary-exact", "adversary"], "words": 25},
    "options": {},
}
QUANTILES = {"median": 0.5, "upper quartile": 0.75}
KEYS = [*CELL, "seed", "experiment"]
COLUMNS = [*KEYS, "quantile", "example_id", "position", "token", "learned", "found"]
COLUMNS += ["class_name", "probability", "jsd", "tvd", "missing_reason"]
_MARGIN, _GUTTER = 0.12, 0.25  # inches
_BLOCK = (WIDTHS[2] - 2 * _MARGIN - _GUTTER) / 2
_HEADING, _HEAD, _AFTER = 0.27, 0.19, 0.14
_FOOT = 0.62  # with the scale of colours
_NOTE = 0.2
_SECOND = 30  # words of the second text of a pair


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """One section per data set, one or two texts each. Returns the figure and a row per word shown."""
    chosen = choose(tables["texts"])
    plotted = words(chosen)
    with theme():
        if chosen.empty:
            message = "No attention found by an adversary, or no attention weights, in this study."
            return empty_figure(message), plotted
        return _figure(chosen, margins(tables["statistics"]), style_of(settings)), plotted


def choose(texts: pd.DataFrame) -> pd.DataFrame:
    """The rows to show, with `quantile`: of each run those at the quantiles of `jsd`, or the reason for none."""
    found = []
    for _, run in sort_cells(texts).groupby(KEYS, sort=False):
        ordered = run[run["missing_reason"].isna()].sort_values(["jsd", "example_id"], kind="stable")
        if ordered.empty:
            found.append(run.iloc[:1].assign(quantile=None))
        places = {int(q * (len(ordered) - 1)): name for name, q in reversed(QUANTILES.items()) if len(ordered)}
        found += [ordered.iloc[[place]].assign(quantile=places[place]) for place in sorted(places)]
    return pd.concat(found, ignore_index=True) if found else texts.assign(quantile=None)


def words(chosen: pd.DataFrame) -> pd.DataFrame:
    """One row per word shown (`COLUMNS`); of a run without a text one row, with the reason."""
    lists = ["tokens", "learned", "found"]
    known = chosen["missing_reason"].isna()
    single: dict[str, Any] = {
        name: [value if shown else [None] for value, shown in zip(chosen[name], known, strict=True)] for name in lists
    }
    table = chosen.assign(**single)
    table["position"] = table["tokens"].map(lambda tokens: list(range(len(tokens))))
    table = table.explode([*lists, "position"], ignore_index=True).rename(columns={"tokens": "token"})
    return table.reindex(columns=COLUMNS)


@dataclass(frozen=True)
class Entry:
    """A text set in lines, with what is written above it."""

    lines: list[Line]
    second: list[Line]
    row: pd.Series

    @property
    def height(self) -> float:
        """Inches."""
        return _HEAD + LINE * (len(self.lines) + len(self.second)) + _AFTER


def _figure(chosen: pd.DataFrame, known: dict[str, float], style: Style) -> Figure:
    names = experiment_names(chosen["experiment"], known, style)
    sections = [(rows.iloc[0], _entries(rows)) for _, rows in chosen.groupby(KEYS, sort=False)]
    total, heights = len(sections), [_height(found) for _, found in sections]
    n = fitting.fitting(total, lambda some: sum(heights[:some]))
    said = fitting.sentence(fitting.part(n, total, "data sets", fitting.FIRST))
    sections, height = sections[:n], _FOOT + sum(heights[:n]) + (_NOTE if said else 0)
    figure = Figure(figsize=(WIDTHS[2], height))
    ax = figure.add_axes((0, 0, 1, 1), frameon=False)
    ax.set(xlim=(0, WIDTHS[2]), ylim=(0, height), xticks=[], yticks=[])
    top = height - 0.08 - (_NOTE if said else 0)
    for first, found in sections:
        title = f"{dataset_name(first, style)}: {model_name(first, style)}"
        ax.text(_MARGIN, top - 0.13, title, fontsize=8.5, fontweight="bold", va="center", parse_math=False)
        top -= _HEADING
        if not found:
            ax.text(_MARGIN, top - LINE / 2, f"{first['missing_reason']}", fontsize=7.5, color=MUTED, va="center")
            top -= LINE + _AFTER
        for entry in found:
            _draw_entry(ax, entry, top)
            top -= entry.height
    _scale_of(figure, height)
    right = f"right: {'; '.join(names.values())}"
    ax.text(WIDTHS[2] - _MARGIN, 0.385, right, fontsize=7, color=MUTED, va="center", ha="right")
    if said:
        ax.text(_MARGIN, height - 0.13, said, fontsize=7, va="center")
    return figure


def _height(found: list[Entry]) -> float:
    """Inches of a data set with its texts, or with the reason for none."""
    return _HEADING + (sum(entry.height for entry in found) or LINE + _AFTER)


def _entries(rows: pd.DataFrame) -> list[Entry]:
    shown = rows[rows["missing_reason"].isna()]
    return [Entry(wrap(list(row["tokens"]), _BLOCK), _second_lines(row), row) for _, row in shown.iterrows()]


def _second_lines(row: pd.Series) -> list[Line]:
    if not isinstance(row["pair_tokens"], np.ndarray | list):
        return []
    tokens = list(row["pair_tokens"])
    return wrap(["second text:", *tokens[:_SECOND], *(["…"] if len(tokens) > _SECOND else [])], WIDTHS[2] - 2 * _MARGIN)


def _draw_entry(ax: Axes, entry: Entry, top: float) -> None:
    row, right = entry.row, _MARGIN + _BLOCK + _GUTTER
    head: dict[str, Any] = {"fontsize": 7, "color": MUTED, "va": "center", "parse_math": False}
    before = f"learned: {textwrap.shorten(row['class_name'], 40, placeholder='…')}, p = {row['probability']:.3f}"
    after = f"found: TVD = {row['tvd']:.3f}, JSD = {row['jsd']:.3f} ({row['quantile']})"
    ax.text(_MARGIN, top - _HEAD / 2, before, **head)
    ax.text(right, top - _HEAD / 2, after, **head)
    for left, column in ((_MARGIN, "learned"), (right, "found")):
        draw_lines(ax, entry.lines, np.asarray(row[column], float), left, top - _HEAD, _COLOURS, _NORM)
    below = top - _HEAD - LINE * len(entry.lines)
    draw_lines(ax, entry.second, None, _MARGIN, below, _COLOURS, _NORM)


def _scale_of(figure: Figure, height: float) -> None:
    place = ((_MARGIN + 0.06) / WIDTHS[2], 0.34 / height, 2.2 / WIDTHS[2], 0.09 / height)
    bar = figure.colorbar(
        ScalarMappable(_NORM, _COLOURS),
        cax=figure.add_axes(place),
        orientation="horizontal",
        ticks=[0, 0.1, 0.3, 0.6, 1],
    )
    bar.ax.tick_params(labelsize=7, length=2, pad=1.5)
    bar.outline.set_visible(False)  # type: ignore[operator]
    figure.text(place[0] + 2.3 / WIDTHS[2], 0.385 / height, "attention weight", fontsize=7, color=INK, va="center")


def _colours() -> Colormap:
    """White to a blue that dark letters are still read on."""
    return LinearSegmentedColormap.from_list("attention", mpl.colormaps["Blues"](np.linspace(0, 0.68, 64)))


_COLOURS = _colours()
_NORM = PowerNorm(0.5, 0, 1)
