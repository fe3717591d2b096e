"""Quantiles of one column of an experiment per bin of another, with a bootstrap over seeds and examples.

An experiment's FACTS ask for them: {"by": {"column": x, "edges": [...], "of": [y, ...]}}. The quartiles of y over all
example x seed values whose x lies in a bin become rows `<experiment id>:<y>:<quantile>:<bin>`, per predicted class and
for all. Bins are closed on the left, the last on the right too; a bin without values has no row. Quantiles are numpy's
default (linear interpolation, type 7 of Hyndman & Fan 1996).

Seeds and examples are crossed samples, so both are resampled (`statistics/resampling.py`). The interval is that between
percentiles of the resampled quantile, whatever kind the study's means have. Under one seed, examples alone are
resampled. Two or three seeds are few for any bootstrap: such intervals are rather too narrow. One example has no
interval.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attnexplain.metrics.ragged import Floats, Integers
from attnexplain.seeding import generator
from attnexplain.statistics.cells import ALL, Row, Run, classes_of, joined
from attnexplain.statistics.intervals.base import EXAMPLES_ONLY
from attnexplain.statistics.resampling import crossed_counts

CROSSED_BOOTSTRAP = "crossed-bootstrap"
QUANTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}


def quantile_rows(
    runs: Sequence[Run],
    experiments: Sequence[Mapping[str, Any]],
    options: Mapping[str, str],
    *,
    resamples: int,
    confidence: float,
) -> Iterator[Row]:
    """Rows of every experiment of the cell that asks for quantiles.

    `experiments`: specifications with the key `by` of their FACTS, where they have one; `options`: as for
    `measure_rows`; `resamples`: how many the interval is taken from.
    """
    asked = [experiment for experiment in experiments if experiment.get("by")]
    columns = {f"{one['id']}:{name}" for one in asked for name in (one["by"]["column"], *one["by"]["of"])}
    values = joined(runs, columns)
    by_metric = dict(list(values.groupby("metric", observed=True)))
    cell = "/".join(runs[0].spec["slug"].values())
    for one in asked:
        bins = bin_names(one["by"]["edges"])
        binned = by_metric.get(f"{one['id']}:{one['by']['column']}")
        for name in one["by"]["of"]:
            metric = f"{one['id']}:{name}"
            if binned is None or metric not in by_metric:
                continue
            table = _with_bins(by_metric[metric], binned, one["by"]["edges"])
            for class_, place, group in _groups(table, classes_of(runs), len(bins)):
                rng = generator(0, "sampling", "bootstrap", cell, metric, class_, bins[place])
                for quantile, found in _summaries(group, resamples, confidence, rng):
                    about = {"metric": f"{metric}:{quantile}:{bins[place]}", "method": "attention", "method_b": None}
                    yield {**about, "options": options.get(one["id"], "{}"), "class": class_, **found}


def bin_names(edges: Sequence[float]) -> list[str]:
    """`0-0.25` and so on."""
    return [f"{low:g}-{high:g}" for low, high in pairwise(edges)]


def bins_of(values: Floats, edges: Sequence[float]) -> Integers:
    """Number of each value's bin; beyond the ends (by rounding) the nearest."""
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)


def resampled_quantiles(
    values: Floats,
    seed: npt.NDArray,
    example: npt.NDArray,
    quantiles: Sequence[float],
    resamples: int,
    rng: np.random.Generator,
) -> Floats:
    """Quantiles (resamples, Q) of values (M,) under resampled seeds and examples, any labels (M,).

    A resample that draws no value at all (possible where not every example is there under every seed) is left out.
    """
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    _, seeds = np.unique(seed[order], return_inverse=True)
    _, examples = np.unique(example[order], return_inverse=True)
    n_seeds, n_examples = int(seeds.max()) + 1, int(examples.max()) + 1
    found = []
    for of_seeds, of_examples in crossed_counts(rng, resamples, n_seeds, n_examples, len(values)):
        weights = of_examples[:, examples]
        weights *= of_seeds[:, seeds]
        found.append(_weighted_quantiles(ranked, weights, np.asarray(quantiles, np.float64)))
    return np.concatenate(found)


def _weighted_quantiles(ranked: Floats, weights: Integers, quantiles: Floats) -> Floats:
    """Quantiles of sorted values (M,), each counted so often as `weights` (R, M) say, for the rows with any weight."""
    # One search for all rows: each row's cumulated weights go on where those of the row before end.
    reached = weights.cumsum().reshape(weights.shape)
    before = np.concatenate([[0], reached[:-1, -1]])
    total = reached[:, -1] - before
    reached, before, total = reached[total > 0], before[total > 0], total[total > 0]
    position = (total[:, None] - 1) * quantiles  # (R, Q), from 0
    low = np.floor(position).astype(np.int64)
    high = np.minimum(low + 1, total[:, None] - 1)
    offset = len(ranked) * np.arange(len(total))[:, None]
    flat = reached.ravel()
    lower, upper = (
        ranked[np.searchsorted(flat, before[:, None] + rank, side="right") - offset] for rank in (low, high)
    )
    result: Floats = lower + (upper - lower) * (position - low)
    return result


def _with_bins(values: pd.DataFrame, by: pd.DataFrame, edges: Sequence[float]) -> pd.DataFrame:
    """Rows of `values` whose example has a value of `by` under the same seed, with the number of its bin."""
    known = by.loc[by["value"].notna(), ["seed", "example", "value"]]
    bins = known.assign(bin=bins_of(known["value"].to_numpy(), edges))[["seed", "example", "bin"]]
    return values.merge(bins, on=["seed", "example"])


def _groups(table: pd.DataFrame, classes: Sequence[int], n_bins: int) -> Iterator[tuple[str, int, pd.DataFrame]]:
    for class_ in (ALL, *map(str, classes)):
        chosen = table if class_ == ALL else table[table["target"] == int(class_)]
        for place in range(n_bins):
            group = chosen[chosen["bin"] == place]
            if group["value"].notna().any():
                yield class_, place, group


def _summaries(
    group: pd.DataFrame, resamples: int, confidence: float, rng: np.random.Generator
) -> Iterator[tuple[str, Row]]:
    """(name, columns of the table `statistics`) of every quantile of a group."""
    defined = group[group["value"].notna()]
    value, seed, example = (defined[name].to_numpy() for name in ("value", "seed", "example"))
    n_examples, n_seeds = len(np.unique(example)), len(np.unique(seed))
    wanted = list(QUANTILES.values())
    shared: Row = {"n_examples": n_examples, "n_undefined": len(group) - len(defined), "n_seeds": n_seeds}
    limits = None
    if n_examples > 1:
        drawn = resampled_quantiles(value, seed, example, wanted, resamples, rng)
        limits = np.quantile(drawn, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
        shared["ci_kind"] = CROSSED_BOOTSTRAP if n_seeds > 1 else EXAMPLES_ONLY
    for place, (name, quantile) in enumerate(zip(QUANTILES, np.quantile(value, wanted), strict=True)):
        ends = {} if limits is None else {"ci_low": float(limits[0, place]), "ci_high": float(limits[1, place])}
        yield name, {**shared, "mean": float(quantile), **ends}
