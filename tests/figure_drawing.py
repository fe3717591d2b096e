"""Figures of an invented study for tests: its tables, what is drawn of them, and the texts that can be read."""

from functools import cache

import pandas as pd
from matplotlib.figure import Figure

import report_tables as tables
from attnexplain import registry
from attnexplain.statistics.agreement_differences import differences

FIGURES = sorted(registry.BUILT_IN["figure"])
CELL = list(tables.cell("", "", ""))
Tables = dict[str, pd.DataFrame]


@cache
def full_tables() -> Tables:
    """Everything that a figure may read."""
    measures = tables.measures_table(60)
    return {
        "statistics": tables.statistics_table(),
        "runs": tables.runs_table(),
        "measures": measures,
        "differences": differences(measures[measures["control"] == "none"], 0.95),
        "experiments": tables.experiments_table(60),
        "texts": tables.texts_table(),
        "agreement": tables.agreement_table(),
        "comparisons": tables.comparisons_table(),
        "curves": tables.curves_table(),
        "gains": tables.gains_table(),
    }


@cache
def small_tables() -> Tables:
    """One data set and one model, or, of the table that has but that, its texts."""
    full = full_tables()
    models = {key: ["cnn"] for key in full} | {"texts": ["bilstm"], "comparisons": ["average", "bilstm"]}
    models["gains"] = ["bilstm", "cnn"]
    return {
        key: table[(table["dataset"] == "sst") & (key == "agreement" or table["encoder"].isin(models[key]))]
        for key, table in full.items()
    }


def draw(name: str, data: Tables, **display: dict) -> tuple[Figure, pd.DataFrame]:
    """A figure and the numbers that it shows."""
    settings = {**tables.SETTINGS, "display": {**tables.SETTINGS["display"], **display}}
    return registry.load("figure", name)({key: table.copy() for key, table in data.items()}, settings)


@cache
def figure_of(name: str) -> tuple[Figure, pd.DataFrame]:
    """A figure of the full tables, drawn once for all tests that look at it."""
    return draw(name, full_tables())


def texts_of(figure: Figure) -> list[str]:
    """All texts but empty ones."""
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(lambda item: hasattr(item, "get_text")) if text.get_text()]


def legend_of(figure: Figure) -> list[str]:
    """The texts of the legend of the whole figure."""
    return [text.get_text() for text in figure.legends[0].get_texts()]
