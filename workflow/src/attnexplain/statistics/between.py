"""Statistics of the measures between runs of one cell, per metric and class predicted by the run at work.

Of an example, a run has the mean over the other runs: one value per example and seed, as other measures have, so that
mean, std and counts are as in `statistics/cells.py`. The interval is that of `statistics/jackknife.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attnexplain.errors import ResultError
from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.cells import Row, Run, classes_of, empty, pooled_std
from attnexplain.statistics.jackknife import Bools, pair_interval, per_run
from attnexplain.statistics.missing import columns

METHOD = "attention"
ONE_SEED = "needs two seeds"


def between_rows(
    runs: Sequence[Run],
    between: pa.Table,
    plugins: Sequence[Mapping[str, Any]],
    options: Mapping[str, str],
    confidence: float,
) -> Iterator[Row]:
    """Rows of every column of `plugins`, for `all` and each predicted class; a cell of one seed says what it lacks.

    `between`: the table of the data set, of these runs and of others; `options`: as for `measure_rows`.
    """
    named = {name: {"metric": name, "method": METHOD, "method_b": None} for name in columns("between", plugins)}
    about = {name: {**row, "options": options[name.partition(":")[0]]} for name, row in named.items()}
    if len(runs) < 2:
        yield from ({**row, "class": "all", **empty(ONE_SEED)} for row in about.values())
        return
    targets, classes = _targets(runs), classes_of(runs)
    for name, row in about.items():
        values = _values(between.filter(pc.equal(between["metric"], name)), runs)
        yield {**row, "class": "all", **summary(values, np.ones(targets.shape, bool), confidence)}
        for index in classes:
            yield {**row, "class": str(index), **summary(values, targets == index, confidence)}


def summary(values: Floats, counted: Bools, confidence: float) -> Row:
    """Statistics of values (S, S, N) of run a beside run b, of the runs and examples that are `counted` (S, N)."""
    if not counted.any():
        return empty("no test example is predicted as this class")
    own = per_run(values)
    used = counted & ~np.isnan(own)
    n_undefined = int(counted.sum() - used.sum())
    if not used.any():
        return {**empty("undefined for every example"), "n_undefined": n_undefined}
    limits = pair_interval(values, counted, confidence)
    known = limits.kind is not None
    return {
        "mean": float(own[used].mean()),
        "std": pooled_std(own[used]),
        "n_examples": int(used.any(axis=0).sum()),
        "n_undefined": n_undefined,
        "n_seeds": len(values),
        "ci_low": limits.low if known else None,
        "ci_high": limits.high if known else None,
        "ci_kind": limits.kind,
    }


def _targets(runs: Sequence[Run]) -> np.ndarray[Any, Any]:
    """Predicted class of each run and example (S, N), examples as in the first run."""
    examples = runs[0].predictions["example_id"]
    if any(not run.predictions["example_id"].equals(examples) for run in runs):
        raise ResultError("runs of one cell predict different test examples; rebuild them with `train`")
    return np.stack([run.predictions["target"].to_numpy() for run in runs])


def _values(rows: pa.Table, runs: Sequence[Run]) -> Floats:
    """Values (S, S, N) of one metric, NaN where undefined and on the diagonal."""
    ids = pa.array([run.spec["run"] for run in runs], pa.string())
    examples = runs[0].predictions["example_id"].combine_chunks()
    rows = rows.filter(pc.and_(pc.is_in(rows["run"], ids), pc.is_in(rows["run_b"], ids)))
    known = {"run": ids, "run_b": ids, "example_id": examples}
    places = tuple(pc.index_in(rows[name], one) for name, one in known.items())
    if len(rows) != len(runs) * (len(runs) - 1) * len(examples) or any(place.null_count for place in places):
        dataset = runs[0].spec["slug"]["dataset"]
        raise ResultError(f"between/{dataset}.parquet is not of the runs and examples of a cell; rebuild it")
    values = np.full((len(runs), len(runs), len(examples)), np.nan)
    values[tuple(place.to_numpy() for place in places)] = rows["value"].to_numpy()
    return values
