"""Paired comparisons: the same metric of two cells, or of two methods in one cell, on the same examples and seeds.

Two cells are compared where they differ in one axis of the model and in nothing else. Within a cell, methods are: a
metric of one method between any two methods, a metric of a pair between two pairs that share a method, such as
tau(attention, gradient) with tau(gradient, leave-one-out). The difference is taken per example and seed, so what makes
an example easy or hard for both sides cancels; its mean has an interval of the study's kind and is tested against 0.
Seeds pair up by their number: a seed's data order and sampling are alike on both sides, and where nothing is, pairing
costs nothing. Seeds or examples that only one side has are left out; a value that is undefined on either side is
counted. Accuracy, F1 and ROC-AUC are compared through their jackknife pseudo-values (`statistics/performance.py`).
Measures between runs and quartiles are not compared.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from attnexplain.classification import METRICS
from attnexplain.errors import ResultError
from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.cells import ALL, KEYS, Row, Run, empty, joined, pooled_std
from attnexplain.statistics.inference import Inference
from attnexplain.statistics.performance import has_labels, per_seed
from attnexplain.tables.statistics import CELL

METHOD = "method"
Key = tuple[str, str, str]  # metric, method, method_b; "" for none


@dataclass(frozen=True)
class Measured:
    """Values (S, N) of a metric, NaN where undefined; `whole` (S,): the metric itself where it is no mean of values."""

    values: Floats
    whole: Floats | None = None


@dataclass(frozen=True)
class Cell:
    """What is compared of a cell: its axes, its seeds in order, and its metrics."""

    axes: Mapping[str, str]
    seeds: Sequence[int]
    measured: Mapping[Key, Measured]


def read_cell(runs: Sequence[Run], examples: Sequence[str]) -> Cell:
    """A cell from its runs; values are in the order of `examples`."""
    if any(run.predictions["example_id"].to_pylist() != list(examples) for run in runs):
        raise ResultError("runs of one data set predict different test examples; rebuild them with `train`")
    table = joined(runs)
    found: dict[Key, Measured] = {}
    place = pd.Index(examples).get_indexer(table["example_id"].cat.categories)[table["example"].to_numpy()]
    table = table.assign(place=place)
    for (metric, method, method_b), group in table.groupby(KEYS, sort=True, observed=True):
        values = np.full((len(runs), len(examples)), np.nan)
        values[group["seed"].to_numpy(), group["place"].to_numpy()] = group["value"].to_numpy(float)
        found[str(metric), str(method), str(method_b)] = Measured(values)
    for name in METRICS if has_labels(runs) else ():
        whole, values = per_seed(name, runs)
        found[name, "", ""] = Measured(values, whole)
    slug = runs[0].spec["slug"]
    return Cell({axis: slug[axis] for axis in CELL}, [run.spec["seed"] for run in runs], found)


def contrast_rows(pairs: Iterable["Pair"], options: Mapping[str, str], inference: Inference) -> Iterator[Row]:
    """Rows of the table `comparisons` of one data set; `options` as for `cells.measure_rows`."""
    for pair in pairs:
        metric, method, method_b = pair.key
        about = {**pair.first.axes, "metric": metric, "method": method or None, "method_b": method_b or None}
        about |= {"axis": pair.axis, "value": pair.value, "other": pair.other, "class": ALL}
        yield {**about, "options": options.get(metric.partition(":")[0], "{}"), **compared(pair, inference)}


@dataclass(frozen=True)
class Pair:
    """Two sides of a comparison: a cell and key each, and what they are on the axis."""

    axis: str
    value: str
    other: str
    first: Cell
    key: Key
    second: Cell
    other_key: Key

    def turned(self) -> "Pair":
        """The same comparison the other way round."""
        return Pair(self.axis, self.other, self.value, self.second, self.other_key, self.first, self.key)


def pairs_of(cells: Sequence[Cell], compare: Collection[str], reference: Mapping[str, str]) -> Iterator[Pair]:
    """What is compared along the axes `compare`: all pairs, or each with the `reference` of the axis, which is `other`.

    Fewer comparisons leave more power to each, where they are adjusted for their number.
    """
    for axis in sorted(compare, key=lambda axis: axis != METHOD):
        for pair in _methods(cells) if axis == METHOD else _models(cells, axis):
            if reference.get(axis) in (None, pair.other):
                yield pair
            elif reference[axis] == pair.value:
                yield pair.turned()


def compared(pair: Pair, inference: Inference) -> Row:
    """Means, difference, interval and tests of a pair, over the examples and seeds that both have."""
    seeds = sorted(set(pair.first.seeds) & set(pair.second.seeds))
    if not seeds:
        return empty("the two have no seed in common")
    sides = [_of_seeds(pair.first, pair.key, seeds), _of_seeds(pair.second, pair.other_key, seeds)]
    gaps = sides[0].values - sides[1].values
    used = ~np.isnan(gaps)
    counts = {"n_undefined": int((~used).sum())}
    if not used.any():
        return {**empty("undefined on either side for every example"), **counts}
    mean, other = (float((side.values[used] if side.whole is None else side.whole).mean()) for side in sides)
    counts |= {"n_examples": int(used.any(axis=0).sum()), "n_seeds": int(used.any(axis=1).sum())}
    row = {"mean": mean, "other_mean": other, "difference": mean - other, **counts}
    if sides[0].whole is not None and not used.all():
        return row  # the metric is undefined without some example: the jackknife says nothing about it
    return {**row, **_inferred(pair.key[0], gaps, mean - other, inference)}


def _inferred(metric: str, gaps: Floats, difference: float, inference: Inference) -> Row:
    seed, example = np.nonzero(~np.isnan(gaps))
    values = gaps[seed, example]
    limits = inference.interval(values, seed, example, inference.confidence, centre=difference)
    if limits.kind is None:
        return {}
    ends = {"ci_low": limits.low, "ci_high": limits.high, "ci_kind": limits.kind}
    return {**ends, **inference.tested(metric, difference, 0.0, pooled_std(values), limits)}


def _of_seeds(cell: Cell, key: Key, seeds: Sequence[int]) -> Measured:
    places, found = [cell.seeds.index(seed) for seed in seeds], cell.measured[key]
    return Measured(found.values[places], None if found.whole is None else found.whole[places])


def _models(cells: Sequence[Cell], axis: str) -> Iterator[Pair]:
    """Every metric of every two cells that differ in nothing but `axis`."""
    alike: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
    for cell in cells:
        alike[tuple(name for other, name in cell.axes.items() if other != axis)].append(cell)
    for group in alike.values():
        for first, second in combinations(sorted(group, key=lambda cell: cell.axes[axis]), 2):
            for key in sorted(first.measured.keys() & second.measured.keys()):
                yield Pair(axis, first.axes[axis], second.axes[axis], first, key, second, key)


def _methods(cells: Sequence[Cell]) -> Iterator[Pair]:
    """Every metric of two methods, or of two pairs of methods that share one, in every cell."""
    for cell in cells:
        for key, other in combinations(sorted(cell.measured), 2):
            apart = [set(one[1:]) - {""} for one in (key, other)]
            mine, theirs = apart[0] - apart[1], apart[1] - apart[0]
            if key[0] == other[0] and len(mine) == len(theirs) == 1:
                yield Pair(METHOD, mine.pop(), theirs.pop(), cell, key, cell, other)
