"""Histograms of a per-text measure on [-1, 1] by predicted class, with the range that chance alone would fill."""

from statistics import NormalDist

import numpy as np
import pandas as pd

from attnexplain.figures.classes import by_class
from attnexplain.tables.statistics import CELL

KEYS = [*CELL, "metric", "method", "method_b"]
COLUMNS = [*KEYS, *("class", "class_name", "bin_low", "bin_high", "fraction", "n", "n_undefined", "mean")]
COLUMNS += ["null_low", "null_high"]
EDGES = np.linspace(-1, 1, 31)


def histograms(measures: pd.DataFrame, statistics: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """One row per cell, pair, class and bin (`COLUMNS`); the fractions of a class sum to 1, means are the table's."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    panels = [
        bars
        for keys, group in measures.groupby(KEYS, sort=True)
        for bars in _panel(dict(zip(KEYS, map(str, keys), strict=True)), group, statistics, z)
    ]
    return pd.concat(panels, ignore_index=True) if panels else pd.DataFrame(columns=COLUMNS)


def _panel(cell: dict[str, str], group: pd.DataFrame, statistics: pd.DataFrame, z: float) -> list[pd.DataFrame]:
    """One table of 30 bins per class of a panel."""
    low, high = _null_range(group, z)
    return [
        _bars(rows["value"])
        .assign(**cell, **{"class": number}, class_name=name, null_low=low, null_high=high)
        .assign(mean=_mean(statistics, cell, number))[COLUMNS]
        for number, name, rows in by_class(group)
    ]


def _bars(values: pd.Series) -> pd.DataFrame:
    defined = values.dropna().to_numpy(float)
    counts, _ = np.histogram(defined, EDGES)
    return pd.DataFrame({"bin_low": EDGES[:-1], "bin_high": EDGES[1:]}).assign(
        fraction=counts / max(1, len(defined)), n=len(defined), n_undefined=len(values) - len(defined)
    )


def _null_range(group: pd.DataFrame, z: float) -> tuple[float, float]:
    """Where a single text lies under permutation, from the moments of the mixture of the texts' nulls."""
    known = group.dropna(subset=["value", "null_mean", "null_std"])
    if known.empty:
        return np.nan, np.nan
    centre = known["null_mean"].mean()
    spread = float(np.sqrt((known["null_std"] ** 2 + (known["null_mean"] - centre) ** 2).mean()))
    return max(-1.0, centre - z * spread), min(1.0, centre + z * spread)


def _mean(statistics: pd.DataFrame, cell: dict[str, str], name: str) -> float:
    same = (statistics[list(cell)] == pd.Series(cell)).all(axis=1) & (statistics["class"] == name)
    return float(statistics.loc[same, "mean"].iloc[0]) if same.any() else np.nan
