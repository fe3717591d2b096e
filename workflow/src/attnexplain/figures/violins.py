"""A number per text by bins of the largest attention weight and predicted class: quartiles, densities, few as points.

The bins are those of Jain & Wallace (2019), figures 6 and 7, and as there a violin ends where its data end.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from attnexplain.figures.classes import by_class
from attnexplain.figures.densities import density, has_density
from attnexplain.statistics.quantiles import QUANTILES, bin_names, bins_of
from attnexplain.tables.statistics import CELL

EDGES = (0.0, 0.25, 0.5, 0.75, 1.0)  # those that the experiments' FACTS ask statistics for
BINS = bin_names(EDGES)
KEYS = [*CELL, "experiment"]
LANE = [*KEYS, "bin", "class"]
COUNTS = ["n", "n_bounds", "n_examples", "n_seeds"]
COLUMNS = [*LANE, "class_name", "x", "density", *QUANTILES, "ci_low", "ci_high", "ci_kind", *COUNTS]
POINTS = 41
_INTERVAL = ["ci_low", "ci_high", "ci_kind"]
_NO_INTERVAL = (np.nan, np.nan, None)


def violins(texts: pd.DataFrame, statistics: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """One row per cell, experiment, bin, class and place of the density, or of a point (`COLUMNS`); seeds are pooled.

    `texts`: a row per experiment, run and text with `value`, `max_attention`, and `is_bound` where the value bounds
    what is asked for. The quartiles' median has the interval of the row `<experiment>:<column>:median:<bin>` of
    `statistics`, of the first of `columns` that has one; from the second on, only where no value is a bound.
    """
    known = texts.dropna(subset=["value", "max_attention"]) if len(texts) else texts
    if known.empty:
        return pd.DataFrame(columns=COLUMNS)
    known = known.assign(bin=np.asarray(BINS)[bins_of(known["max_attention"].to_numpy(float), EDGES)])
    intervals = _intervals(statistics)
    found = []
    for keys, panel in known.groupby(KEYS, sort=True):
        for number, name, rows in by_class(panel):
            for bin_, lane in rows.groupby("bin", sort=True):
                about = dict(zip(LANE, (*map(str, keys), str(bin_), number), strict=True))
                limits = _limits(intervals, about, columns[:1] if lane["is_bound"].any() else columns)
                found.append(_lane(lane).assign(**about, class_name=name, **limits)[COLUMNS])
    return pd.concat(found, ignore_index=True)


def _lane(rows: pd.DataFrame) -> pd.DataFrame:
    values = np.sort(rows["value"].to_numpy(float))
    if has_density(values):
        x, height = density(values, POINTS, cut=0.0, limits=(-np.inf, np.inf))
    else:
        x = np.unique(values)
        height = np.full(len(x), np.nan)
    return pd.DataFrame({"x": x, "density": height}).assign(
        **{name: np.quantile(values, q) for name, q in QUANTILES.items()},
        n=len(values),
        n_bounds=int(rows["is_bound"].sum()),
        n_examples=rows["example_id"].nunique(),
        n_seeds=rows["seed"].nunique(),
    )


def _intervals(statistics: pd.DataFrame) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Interval of every median of a bin, by cell, metric and class."""
    rows = statistics[statistics["metric"].str.contains(":median:", regex=False)] if len(statistics) else statistics
    keys = rows[[*CELL, "metric", "class"]].itertuples(index=False, name=None)
    return dict(zip(keys, rows[_INTERVAL].itertuples(index=False, name=None), strict=True))


def _limits(
    intervals: dict[tuple[str, ...], tuple[Any, ...]], about: dict[str, str], columns: Sequence[str]
) -> dict[str, Any]:
    cell = tuple(about[name] for name in CELL)
    keys = [(*cell, f"{about['experiment']}:{column}:median:{about['bin']}", about["class"]) for column in columns]
    found = next((intervals[key] for key in keys if key in intervals), _NO_INTERVAL)
    return dict(zip(_INTERVAL, found, strict=True))
