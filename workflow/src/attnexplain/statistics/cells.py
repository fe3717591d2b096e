"""Statistics of one cell: runs that differ in nothing but the seed, per metric, methods and predicted class.

mean                  over all defined values, seeds pooled
std                   of the same values (ddof 1): over examples, seeds pooled
significant_fraction  share of the defined values with p <= 1 - confidence; null without a p-value
n_examples            distinct examples with a defined value
n_undefined           example x seed values that are undefined
n_seeds               seeds with a defined value
ci_low, ci_high       of the study's kind, see `statistics/intervals/`
p_value               two-sided, of the mean against the mean of its null; null without a null model
effect...             see `statistics/effects.py`
margin, p_equivalence of two one-sided tests, where the study declares a margin for the metric
null_low, null_high   see `statistics/nulls.py`

`class` is the predicted class. It differs between seeds for some examples: cells of a class are unbalanced. In
question-answering there is `all` alone, as in Jain and Wallace (2019). So it is of the area under an adversary's
curve, whose values are linearised (`statistics/frontier.py`): their mean over some of the texts is no area.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from attnexplain.data.tasks import QUESTION_ANSWERING, task_of
from attnexplain.errors import ResultError
from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.inference import Inference
from attnexplain.statistics.nulls import null_range

Row = dict[str, Any]
ALL = "all"  # every class
CURVE_AREA = "adversary-curve:area"
KEYS = ["metric", "method", "method_b"]
_COLUMNS = ["example_id", *KEYS, "value", "p_value", "undefined_reason", "null_mean", "null_std"]


@dataclass(frozen=True)
class Run:
    """What one trained model contributes: its specification, measures, and predictions of the test split."""

    spec: Mapping[str, Any]
    measures: pa.Table
    predictions: pa.Table


def measure_rows(runs: Sequence[Run], options: Mapping[str, str], inference: Inference) -> Iterator[Row]:
    """Rows of every metric and methods of the cell, for `all` and each predicted class.

    `options`: canonical JSON of the options of a metric, or of the experiment that a column is of, by its id.
    """
    values, classes = joined(runs), classes_of(runs)
    for (metric, method, method_b), group in values.groupby(KEYS, sort=True, observed=True):
        about = {"metric": metric, "method": method, "method_b": method_b or None}
        about["options"] = options.get(str(metric).partition(":")[0], "{}")
        yield {**about, "class": ALL, **summary(group, str(metric), inference)}
        for index in classes if metric != CURVE_AREA else ():
            chosen = group[group["target"] == index]
            if len(chosen):
                yield {**about, "class": str(index), **summary(chosen, str(metric), inference)}
            else:
                yield {**about, "class": str(index), **empty("no test example is predicted as this class")}


def summary(values: pd.DataFrame, metric: str, inference: Inference) -> Row:
    """Statistics of the rows of one metric; columns as in the table `measures`, plus `seed` and `example` (codes)."""
    defined = values[values["value"].notna()]
    n_undefined = len(values) - len(defined)
    if defined.empty:
        reason, _ = Counter(values["undefined_reason"].dropna().astype(str)).most_common(1)[0]
        return {**empty(f"undefined for every example; most often: {reason}"), "n_undefined": n_undefined}
    value, seed, example = (defined[name].to_numpy() for name in ("value", "seed", "example"))
    confidence, mean, std = inference.confidence, float(value.mean()), pooled_std(value)
    limits = inference.interval(value, seed, example, confidence)
    null_mean, null_std = (defined[name].to_numpy(float) for name in ("null_mean", "null_std"))
    low, high = null_range(null_mean, null_std, example, confidence)
    p_value = defined["p_value"].to_numpy(float)
    return {
        "mean": mean,
        "std": std,
        "significant_fraction": None
        if np.isnan(p_value).all()
        else float((p_value <= round(1 - confidence, 12)).mean()),
        "n_examples": len(np.unique(example)),
        "n_undefined": n_undefined,
        "n_seeds": len(np.unique(seed)),
        "ci_low": _null_if_nan(limits.low),
        "ci_high": _null_if_nan(limits.high),
        "ci_kind": limits.kind,
        **inference.tested(metric, mean, float(null_mean.mean()), std, limits),
        "null_low": _null_if_nan(low),
        "null_high": _null_if_nan(high),
        "missing_reason": None,
    }


def empty(reason: str) -> Row:
    """Counts of a row without values, and why it has none."""
    return {"n_examples": 0, "n_undefined": 0, "n_seeds": 0, "missing_reason": reason}


def pooled_std(values: Floats) -> float | None:
    """Standard deviation (ddof 1) of values (M,), seeds pooled; None of one value."""
    # Deviations from the first value: those of equal values are exactly 0.
    return float(np.std(values - values[0], ddof=1)) if len(values) > 1 else None


def joined(runs: Sequence[Run], metrics: Collection[str] | None = None) -> pd.DataFrame:
    """Measures of the cell, of `metrics` alone if given, with the codes of seed and example and the predicted class."""
    parts = []
    for position, run in enumerate(runs):
        rows = run.measures.select(_COLUMNS)
        if metrics is not None:
            rows = rows.filter(pc.is_in(rows["metric"], pa.array(sorted(metrics), pa.string())))
        place = pc.index_in(rows["example_id"], run.predictions["example_id"].combine_chunks())
        if place.null_count:
            raise ResultError("measures hold examples that predictions.parquet lacks; rebuild the run's measures")
        rows = rows.set_column(rows.column_names.index("method_b"), "method_b", pc.fill_null(rows["method_b"], ""))
        rows = rows.append_column("target", pc.take(run.predictions["target"], place))
        parts.append(rows.append_column("seed", pa.array(np.full(len(rows), position, np.int64))))
    found: pd.DataFrame = pa.concat_tables(parts).to_pandas(strings_to_categorical=True)
    return found.assign(example=found["example_id"].cat.codes.to_numpy())


def classes_of(runs: Sequence[Run]) -> list[int]:
    """Indices of the classes that the cell's rows are split by; none in question-answering."""
    if task_of(runs[0].spec["dataset"]) == QUESTION_ANSWERING:
        return []
    named = len(runs[0].spec["dataset"].get("classes") or [])
    predicted = {target for run in runs for target in run.predictions["target"].unique().to_pylist()}
    return sorted({*range(named), *predicted})


def _null_if_nan(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
