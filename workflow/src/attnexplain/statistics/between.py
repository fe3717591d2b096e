"""Statistics of the measures between runs of one cell, per metric, methods and class predicted by the run at work.

Of an example, a run has the mean over the other runs: one value per example and seed, as other measures have, so that
mean, std and counts are as in `statistics/cells.py`. The interval is that of `statistics/jackknife.py`. Under the null
of each value pairs of runs are uncorrelated, but of one method run a beside b and b beside a are one number.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtri

from attnexplain.errors import ResultError
from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.cells import Row, Run, classes_of, empty, pooled_std
from attnexplain.statistics.jackknife import Bools, pair_interval, per_run
from attnexplain.statistics.missing import compared

ONE_SEED = "needs two seeds"

Key = tuple[str, str, str | None]  # metric, method, method_b


@dataclass(frozen=True)
class Pairs:
    """Values (S, S, N) of run a beside run b, NaN where undefined and on the diagonal, and what is known of them.

    `null_mean`, `null_std`: moments under the null, (S, S, N), NaN where there is none; `symmetric`: [a, b] and [b, a]
    are one number; `reason`: the most common one for which a value is undefined.
    """

    values: Floats
    null_mean: Floats
    null_std: Floats
    symmetric: bool
    reason: str | None


def pairs_of(
    runs: Sequence[Run], between: pa.Table, plugins: Sequence[Mapping[str, Any]], methods: Sequence[str]
) -> dict[Key, Pairs | None]:
    """What `plugins` found between the runs of a cell; None for a cell of one seed.

    `between`: the table of the data set, of these runs and of others.
    """
    keys = compared(plugins, methods)
    if len(runs) < 2 or not keys:
        return dict.fromkeys(keys)
    ids = pa.array([run.spec["run"] for run in runs], pa.string())
    own = between.filter(pc.and_(pc.is_in(between["run"], ids), pc.is_in(between["run_b"], ids)))
    return {key: _pairs(own, runs, key) for key in keys}


def between_rows(
    runs: Sequence[Run], pairs: Mapping[Key, Pairs | None], options: Mapping[str, str], confidence: float
) -> Iterator[Row]:
    """Rows of `pairs_of`, for `all` and each predicted class; a cell of one seed says what it lacks.

    `options`: as for `measure_rows`.
    """
    if not pairs:
        return
    targets, classes = _targets(runs), classes_of(runs)
    for (metric, method, method_b), found in pairs.items():
        about = {"metric": metric, "method": method, "method_b": method_b, "options": options[metric.partition(":")[0]]}
        if found is None:
            yield {**about, "class": "all", **empty(ONE_SEED)}
            continue
        yield {**about, "class": "all", **summary(found, np.ones(targets.shape, bool), confidence)}
        for index in classes:
            yield {**about, "class": str(index), **summary(found, targets == index, confidence)}


def summary(pairs: Pairs, counted: Bools, confidence: float) -> Row:
    """Statistics of the values of run a beside run b, of the runs and examples that are `counted` (S, N)."""
    if not counted.any():
        return empty("no test example is predicted as this class")
    own = per_run(pairs.values)
    used = counted & ~np.isnan(own)
    n_undefined = int(counted.sum() - used.sum())
    if not used.any():
        often = f"; most often: {pairs.reason}" if pairs.reason else ""
        return {**empty(f"undefined for every example{often}"), "n_undefined": n_undefined}
    limits = pair_interval(pairs.values, counted, confidence)
    known = limits.kind is not None
    low, high = null_range(pairs, used, confidence)
    return {
        "mean": float(own[used].mean()),
        "std": pooled_std(own[used]),
        "n_examples": int(used.any(axis=0).sum()),
        "n_undefined": n_undefined,
        "n_seeds": len(pairs.values),
        "ci_low": limits.low if known else None,
        "ci_high": limits.high if known else None,
        "ci_kind": limits.kind,
        "null_low": None if np.isnan(low) else low,
        "null_high": None if np.isnan(high) else high,
    }


def null_range(pairs: Pairs, used: Bools, confidence: float) -> tuple[float, float]:
    """Where the mean over `used` (S, N) would lie if every value were one of its null model; NaN without a model."""
    defined = ~np.isnan(pairs.values) & used[:, None, :]
    count = np.maximum(defined.sum(axis=1, keepdims=True), 1)
    weights = defined / count / used.sum()  # of each value in the mean
    mean = float((weights * pairs.null_mean)[defined].sum())
    if pairs.symmetric:
        # One number with both weights, found twice in the sum below.
        weights = (weights + weights.transpose(1, 0, 2)) / np.sqrt(2)
    std = float(np.sqrt(((weights * pairs.null_std)[weights > 0] ** 2).sum()))
    half = float(ndtri(0.5 + confidence / 2)) * std
    return mean - half, mean + half


def _targets(runs: Sequence[Run]) -> np.ndarray[Any, Any]:
    """Predicted class of each run and example (S, N), examples as in the first run."""
    examples = runs[0].predictions["example_id"]
    if any(not run.predictions["example_id"].equals(examples) for run in runs):
        raise ResultError("runs of one cell predict different test examples; rebuild them with `train`")
    return np.stack([run.predictions["target"].to_numpy() for run in runs])


def _pairs(rows: pa.Table, runs: Sequence[Run], key: Key) -> Pairs:
    metric, method, method_b = key
    other = pc.is_null(rows["method_b"]) if method_b is None else pc.equal(rows["method_b"], method_b)
    same = pc.and_(pc.equal(rows["metric"], metric), pc.equal(rows["method"], method))
    rows = rows.filter(pc.and_(same, other))
    reasons = Counter(rows["undefined_reason"].drop_null().to_pylist())
    return Pairs(*_numbers(rows, runs), method_b is None, reasons.most_common(1)[0][0] if reasons else None)


def _numbers(rows: pa.Table, runs: Sequence[Run]) -> tuple[Floats, Floats, Floats]:
    """Values and their moments under the null, (S, S, N) each."""
    ids = pa.array([run.spec["run"] for run in runs], pa.string())
    examples = runs[0].predictions["example_id"].combine_chunks()
    known = {"run": ids, "run_b": ids, "example_id": examples}
    places = tuple(pc.index_in(rows[name], one) for name, one in known.items())
    if len(rows) != len(runs) * (len(runs) - 1) * len(examples) or any(place.null_count for place in places):
        dataset = runs[0].spec["slug"]["dataset"]
        raise ResultError(
            f"what lies between the seeds of {dataset} is not of the runs and examples of a cell; rebuild it"
        )
    index = tuple(place.to_numpy() for place in places)
    values, mean, std = (np.full((len(runs), len(runs), len(examples)), np.nan) for _ in range(3))
    for array, name in ((values, "value"), (mean, "null_mean"), (std, "null_std")):
        array[index] = rows[name].to_numpy()
    return values, mean, std
