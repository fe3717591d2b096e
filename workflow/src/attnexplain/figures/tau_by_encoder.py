"""Mean Kendall tau of attention with gradient and with leave-one-out: every encoder and attention, with intervals.

The comparison of Jain & Wallace (2019), table 2 and figure 5: an encoder that mixes words weakens the agreement.
"""

from itertools import product
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from attnexplain.figures import fitting
from attnexplain.figures import rows as chart
from attnexplain.figures.cells import (
    dataset_name,
    dataset_names,
    empty_figure,
    of_metric,
    of_pairs,
    pair_names,
    panel_title,
    sort_cells,
)
from attnexplain.figures.style import MUTED, Style, style_of, theme
from attnexplain.tables.statistics import CELL

FACTS = {
    "name": "tau-by-encoder",
    "title": "Agreement of attention with gradient and leave-one-out, by encoder",
    "citation": "Jain & Wallace (2019), table 2 and figure 5",
    "caption": (
        "Mean Kendall τ between attention weights and the feature importance named above each panel, over the test "
        "texts of all predicted classes. Dots are means over texts and seeds, lines their intervals. The grey bar is "
        "where the mean would lie if the scores of each text were permuted. A diamond is the published mean of the "
        "same model; where it was published by predicted class alone, a numeral is the class. A line that leaves its "
        "panel goes beyond the values that τ can have: there are too few seeds to tell."
    ),
    "reads": ["statistics"],
    "columns": 1,
    "options": {},
}
KEYS = (*CELL, "method", "method_b", "metric", "class")
COUNTS = ("n_examples", "n_undefined", "n_seeds")
PUBLISHED = ("published", "published_source")
COLUMNS = (
    *KEYS,
    "mean",
    "std",
    "ci_low",
    "ci_high",
    "ci_kind",
    *COUNTS,
    "null_low",
    "null_high",
    *PUBLISHED,
    "missing_reason",
)
_LARGEST = 1.04  # tau is at most 1; a little room for marks


def draw(tables: dict[str, pd.DataFrame], settings: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Panels: a row per data set, and pair of methods. Returns the figure and the rows it shows."""
    statistics = tables["statistics"]
    table = sort_cells(of_pairs(of_metric(statistics, "kendall-tau"))[list(COLUMNS)])
    cells = table[table["class"] == "all"]
    published = _of_single_classes(table)
    with theme():
        if cells.empty:
            return empty_figure("No agreement of attention with gradient or leave-one-out in this study."), cells
        counts = dict.fromkeys(COUNTS, "Int64")  # whole numbers, with nothing for the published rows
        return _figure(cells, published, settings), pd.concat([cells.astype(counts), published], ignore_index=True)


def _of_single_classes(table: pd.DataFrame) -> pd.DataFrame:
    """Published means of single classes, where none of all classes was published: nothing else of them is drawn."""
    model = [key for key in KEYS if key != "class"]
    published = table.loc[table["published"].notna(), [*KEYS, *PUBLISHED]]
    whole = published.loc[published["class"] == "all", model].assign(whole=True)
    joined = published.merge(whole, how="left", on=model)
    return published[(joined["class"] != "all").to_numpy() & joined["whole"].isna().to_numpy()]


def _figure(cells: pd.DataFrame, published: pd.DataFrame, settings: dict[str, Any]) -> Figure:
    style = style_of(settings)
    names = pair_names(pd.concat([cells[list(KEYS)], published[list(KEYS)]]), style)
    cells, published = cells.assign(pair=names[: len(cells)]), published.assign(pair=names[len(cells) :])
    pairs = list(dict.fromkeys(names))
    models = fitting.models(cells, CELL, lambda some: chart.height(*_panels(some, pairs, style)))
    cells, published = models.of(cells), models.of(published)
    titles, rows = _panels(cells, pairs, style)
    places = list(product(dataset_names(cells, style), pairs))
    figure, axes = chart.panels(titles, rows, "mean Kendall τ")
    panel = dict(zip(places, axes, strict=True))
    for _, row in [*cells.iterrows(), *published.iterrows()]:
        draw_row = chart.draw_cell if row["class"] == "all" else chart.draw_published
        draw_row(panel[dataset_name(row, style), row["pair"]], row, rows)
    low, high = axes[0].get_xlim()
    axes[0].set_xlim(max(low, -_LARGEST), min(high, _LARGEST))
    for ax in axes:
        ax.axvline(0, color=MUTED, linewidth=0.8, zorder=2)
    more = [chart.published_of_classes(sorted(set(published["class"])))] if len(published) else []
    chart.legend(figure, rows, style, cells, chart.interval_name(cells, settings["confidence"]), more)
    models.say(figure)
    return figure


def _panels(cells: pd.DataFrame, pairs: list[str], style: Style) -> tuple[list[str], chart.Rows]:
    """Titles of the panels, and their rows."""
    rows = chart.arrange(cells, style)
    return [panel_title(*place, rows.width) for place in product(dataset_names(cells, style), pairs)], rows
