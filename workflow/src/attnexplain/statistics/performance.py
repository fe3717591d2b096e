"""Accuracy, F1 and ROC-AUC of one cell on the test split, with intervals over examples and seeds.

A metric of a whole split is not a mean over examples; its jackknife pseudo-values are (Efron & Tibshirani 1993,
An Introduction to the Bootstrap, chapter 11), so the intervals of `statistics/intervals/` apply to them, seed by
seed. Its centre is the mean over seeds of the metric itself. `std` is that of the pseudo-values over examples: for
accuracy, of right and wrong.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from attnexplain.classification import METRICS, pseudo_values
from attnexplain.data.tasks import QUESTION_ANSWERING, task_of
from attnexplain.errors import ResultError
from attnexplain.metrics.ragged import Floats
from attnexplain.statistics.cells import Row, Run, empty, pooled_std
from attnexplain.statistics.inference import Inference

NO_LABEL = -1  # no class


def performance_rows(runs: Sequence[Run], inference: Inference) -> Iterator[Row]:
    """A row per metric, class `all`; none where the test split has no labels."""
    if not has_labels(runs):
        return
    first = runs[0].predictions["example_id"]
    if any(not run.predictions["example_id"].equals(first) for run in runs):
        raise ResultError("runs of one cell predict different test examples; rebuild them with `train`")
    for metric in METRICS:
        about = {"metric": metric, "method": None, "method_b": None, "options": "{}", "class": "all"}
        yield {**about, **_summary(metric, runs, inference)}


def has_labels(runs: Sequence[Run]) -> bool:
    """Whether performance can be told on the runs' test split.

    In question-answering a null label is an answer that train lacks: whatever is predicted is wrong.
    """
    allowed = len(runs[0].predictions) - 1 if task_of(runs[0].spec["dataset"]) == QUESTION_ANSWERING else 0
    return all(run.predictions["label"].null_count <= allowed for run in runs)


def per_seed(metric: str, runs: Sequence[Run]) -> tuple[Floats, Floats]:
    """(the metric of each run (S,), its pseudo-values (S, N)), NaN where undefined; N in the order of `predictions`."""
    pairs = [_labels_and_probability(run) for run in runs]
    whole = np.array([METRICS[metric](*pair) for pair in pairs], np.float64)
    if np.isnan(whole).any():
        return whole, np.full((len(runs), len(pairs[0][0])), np.nan)
    return whole, np.stack([pseudo_values(metric, *pair) for pair in pairs])


def _summary(metric: str, runs: Sequence[Run], inference: Inference) -> Row:
    whole, values = per_seed(metric, runs)
    if np.isnan(whole).any():
        return empty("undefined: the test examples are of one class")
    n_seeds, n_examples = values.shape
    seed, example = np.indices(values.shape).reshape(2, -1)
    centre, flat = float(whole.mean()), values.ravel()
    # Where the metric is undefined without some example, the jackknife says nothing about it.
    usable = not np.isnan(flat).any()
    limits = inference.interval(flat, seed, example, inference.confidence, centre=centre) if usable else None
    found = limits if limits is not None and limits.kind is not None else None
    return {
        "mean": centre,
        "std": pooled_std(flat) if usable else None,
        "n_examples": n_examples,
        "n_undefined": 0,
        "n_seeds": n_seeds,
        "ci_low": found and found.low,
        "ci_high": found and found.high,
        "ci_kind": found and found.kind,
    }


def _labels_and_probability(run: Run) -> tuple[np.ndarray, Floats]:
    labels = run.predictions["label"].fill_null(NO_LABEL).to_numpy()
    probability = run.predictions["probability"].combine_chunks()
    return labels, np.asarray(probability.flatten(), np.float64).reshape(len(labels), -1)
