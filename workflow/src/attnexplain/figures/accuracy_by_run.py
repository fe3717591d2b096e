"""Test accuracy of every run beside the mean of its cell: attention can explain only a model that has learnt."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from attnexplain.figures import fitting
from attnexplain.figures import rows as chart
from attnexplain.figures.cells import attention_key, dataset_name, dataset_names, empty_figure, of_metric, sort_cells
from attnexplain.figures.layout import TITLE, wrapped
from attnexplain.figures.style import MUTED, Style, style_of, theme
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "accuracy-by-run",
    "title": "Test accuracy of every run",
    "citation": "Jain & Wallace (2019), table 1",
    "caption": (
        "Accuracy on the test split. Small dots are runs (one per seed), larger marks the means of their cells, lines "
        "the intervals of these means. A diamond is the published accuracy of the same cell."
    ),
    "reads": ["statistics", "runs"],
    "columns": 1,
    "options": {},
}
_RUN_MARK: dict[str, Any] = {"marker": ".", "markersize": 5, "linestyle": "none", "alpha": 0.75, "markeredgewidth": 0}
STATISTICS = (
    *CELL,
    *("mean", "ci_low", "ci_high", "ci_kind", "n_examples", "n_undefined", "n_seeds", "published", "published_source"),
    "missing_reason",
)


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """A panel per data set. Returns the figure and one row per run, with the numbers of its cell repeated."""
    statistics = tables["statistics"]
    cells = of_metric(statistics[statistics["class"] == "all"], "accuracy")
    cells = sort_cells(cells[list(STATISTICS)])
    runs = tables["runs"][[*CELL, "run", "seed", "test_accuracy"]]
    plotted = cells.merge(runs, on=list(CELL), how="outer", sort=False).sort_values([*CELL, "seed"], kind="stable")
    # A cell known by its runs alone is still drawn: nothing that was trained is left out.
    cells = sort_cells(plotted.drop_duplicates(list(CELL))[list(STATISTICS)])
    plotted = plotted.reset_index(drop=True)
    with theme():
        if cells.empty:
            return empty_figure("No run and no accuracy in this study."), plotted
        return _figure(cells.assign(null_low=np.nan, null_high=np.nan), plotted, settings), plotted


def _figure(cells: pd.DataFrame, plotted: pd.DataFrame, settings: dict[str, Any]) -> Figure:
    style = style_of(settings)
    models = fitting.models(cells, CELL, lambda some: chart.height(*_panels(some, style)))
    cells, plotted = models.of(cells), models.of(plotted)
    titles, rows = _panels(cells, style)
    figure, axes = chart.panels(titles, rows, "test accuracy")
    panel = dict(zip(dataset_names(cells, style), axes, strict=True))
    for _, run in plotted.dropna(subset=["test_accuracy"]).iterrows():
        _draw_run(panel[dataset_name(run, style)], run, rows)
    for _, cell in cells.iterrows():
        if pd.notna(cell["mean"]) or not _has_runs(plotted, cell):
            chart.draw_cell(panel[dataset_name(cell, style)], cell, rows)
    run_mark = Line2D([], [], **_RUN_MARK, color=MUTED, label="one run (seed)")
    chart.legend(figure, rows, style, cells, chart.interval_name(cells, settings["confidence"]), [run_mark])
    models.say(figure)
    return figure


def _panels(cells: pd.DataFrame, style: Style) -> tuple[list[str], chart.Rows]:
    """Titles of the panels, and their rows."""
    rows = chart.arrange(cells, style)
    return [wrapped(name, rows.width, TITLE) for name in dataset_names(cells, style)], rows


def _draw_run(ax: Axes, run: pd.Series, rows: chart.Rows) -> None:
    ax.plot(run["test_accuracy"], rows.above(run), **_RUN_MARK, color=rows.colours[attention_key(run)], zorder=2.5)


def _has_runs(plotted: pd.DataFrame, cell: pd.Series) -> bool:
    same = (plotted[list(CELL)] == cell[list(CELL)]).all(axis=1)
    return bool(plotted.loc[same, "test_accuracy"].notna().any())
