"""All measures of one data set as arrays runs x examples, and the means of its models under common resamples.

Every model is tested on the same examples, so a resample draws the examples once for all of them. Seeds are drawn by
their number, once for all models that have the same seeds: what a number does to two models alike (the order of the
data) stays alike, and what it does not is as independent in a resample as it is in the runs. A value counts as often
as its seed times its example were drawn (Owen 2007, The pigeonhole bootstrap); a mean is over all values that are
defined, seeds pooled, as in `statistics/cells.py`. A model of one seed has its one seed in every resample.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attnexplain.classification import METRICS
from attnexplain.errors import ResultError
from attnexplain.metrics.ragged import Bools, Floats, Integers
from attnexplain.statistics.cells import KEYS, Run, joined
from attnexplain.statistics.performance import has_labels, per_seed
from attnexplain.statistics.resampling import counts

Key = tuple[str, str, str]  # metric, method, method_b; "" where there is none
_AT_ONCE = 20_000_000  # weights of resamples x examples held at a time


@dataclass(frozen=True)
class Panel:
    """Values of every metric and methods: (runs, examples), NaN where undefined or not measured.

    `models`: names; `of_model` (runs,): which of them a run is of; `seeds` (runs,): its seed.
    """

    models: list[str]
    of_model: Integers
    seeds: Integers
    values: dict[Key, Floats]

    def defined(self, key: Key, model: int) -> Bools:
        """Which values of a model are defined: (its runs, examples)."""
        return np.asarray(~np.isnan(self.values[key][self.of_model == model]))


def panel(runs: Iterable[tuple[str, Run]], metrics: Collection[str]) -> Panel:
    """The values of `metrics`, and accuracy, F1 and ROC-AUC where there are labels, of (name of the model, run).

    `runs` is read once, a run at a time: their measures need not fit into memory together.
    """
    names, seeds, found = [], [], []
    examples: pa.Array | None = None
    for name, run in runs:
        own = run.predictions["example_id"].combine_chunks()
        examples = own if examples is None else examples
        found.append(_values(run, _places(own, examples, run), examples, metrics))
        names.append(name)
        seeds.append(run.spec["seed"])
    models = list(dict.fromkeys(names))
    width = 0 if examples is None else len(examples)
    keys = sorted({key for values in found for key in values})
    empty = np.full(width, np.nan)
    arrays = {key: np.stack([values.get(key, empty) for values in found]) for key in keys}
    return Panel(models, np.array([models.index(name) for name in names]), np.array(seeds), arrays)


def resampled_means(found: Panel, resamples: int, rng: np.random.Generator) -> dict[Key, Floats]:
    """Means (1 + resamples, models) of every key: the observed ones first, NaN where no value was drawn."""
    n_examples = next(iter(found.values.values())).shape[1]
    means = {key: np.full((1 + resamples, len(found.models)), np.nan) for key in found.values}
    step = max(1, _AT_ONCE // max(1, n_examples))
    observed = np.ones((1, n_examples)), np.ones((1, len(found.seeds)))
    for start in range(0, 1 + resamples, step):
        rows = slice(start, min(start + step, 1 + resamples))
        drawn = rows.stop - rows.start - (start == 0)
        weights = _draw(found, drawn, n_examples, rng)
        if start == 0:
            weights = np.concatenate([observed[0], weights[0]]), np.concatenate([observed[1], weights[1]])
        for key, values in found.values.items():
            means[key][rows] = _means(values, found.of_model, *weights)
    return means


def _means(values: Floats, of_model: Integers, of_examples: Floats, of_runs: Floats) -> Floats:
    """Weighted means (R, models) of values (runs, N) under weights (R, N) and (R, runs)."""
    defined = ~np.isnan(values)
    belongs = (of_model[:, None] == np.arange(of_model.max() + 1)).astype(np.float64)  # (runs, models)
    total = ((of_examples @ np.where(defined, values, 0.0).T) * of_runs) @ belongs
    count = ((of_examples @ defined.astype(np.float64).T) * of_runs) @ belongs
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _draw(found: Panel, rows: int, n_examples: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """How often each example (rows, N) and the seed of each run (rows, runs) was drawn."""
    of_examples = counts(rng, rows, n_examples).astype(np.float64)
    of_runs, drawn = np.ones((rows, len(found.seeds))), {}
    for model in range(len(found.models)):
        own = np.flatnonzero(found.of_model == model)
        own = own[np.argsort(found.seeds[own])]
        seeds = tuple(found.seeds[own])
        if seeds not in drawn:
            drawn[seeds] = counts(rng, rows, len(seeds))
        of_runs[:, own] = drawn[seeds]
    return of_examples, of_runs


def _places(own: pa.Array, examples: pa.Array, run: Run) -> Integers:
    """Where each test example of a run stands among `examples`."""
    place = pc.index_in(own, examples)
    if place.null_count or len(own) != len(examples):
        raise ResultError(
            f"{run.spec['run']} predicts other test examples than the runs before it; rebuild it with `train`"
        )
    return np.asarray(place.to_numpy())


def performance(run: Run) -> dict[str, Floats]:
    """Values (N,) of accuracy, F1 and ROC-AUC whose mean is the metric: pseudo-values, moved; none without labels.

    Their mean under weights is the weighted metric to first order. NaN where the metric or its jackknife is undefined.
    """
    if not has_labels([run]):
        return {}
    found = {name: per_seed(name, [run]) for name in METRICS}
    return {name: values[0] - values[0].mean() + whole[0] for name, (whole, values) in found.items()}


def _values(run: Run, places: Integers, examples: pa.Array, metrics: Collection[str]) -> dict[Key, Floats]:
    """Values (N,) of one run by metric and methods."""
    found = {}
    for name, values in performance(run).items():
        found[(name, "", "")] = np.full(len(examples), np.nan)
        found[(name, "", "")][places] = values
    measured = joined([run], metrics)
    position = pc.index_in(pa.array(measured["example_id"].cat.categories, pa.string()), examples).to_numpy()
    for (metric, method, method_b), group in measured.groupby(KEYS, observed=True):
        values = np.full(len(examples), np.nan)
        values[position[group["example"].to_numpy()]] = group["value"].to_numpy()
        found[(str(metric), str(method), str(method_b))] = values
    return found
