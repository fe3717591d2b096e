"""Accuracy, F1 and ROC-AUC of predicted probabilities, and their jackknife pseudo-values.

Each takes labels (N,) and probabilities (N, C). The predicted class is the most probable, the first where several
are. A value is NaN where it is undefined: no examples; for F1 and ROC-AUC also examples of one class alone.
"""

from collections.abc import Callable

import numpy as np

# A metric's value, and its values (N,) when each example in turn is left out.
_Jackknife = tuple[float, np.ndarray]


def accuracy(labels: np.ndarray, probability: np.ndarray) -> float:
    """Fraction of examples whose predicted class is their label."""
    return _accuracy(labels, probability)[0]


def f1(labels: np.ndarray, probability: np.ndarray) -> float:
    """F1 of class 1 for two classes; else the mean F1 of the classes that are some example's label or prediction."""
    return _f1(labels, probability)[0]


def roc_auc(labels: np.ndarray, probability: np.ndarray) -> float:
    """Area under the ROC curve of class 1 for two classes; else the mean over classes, each against the rest."""
    return _roc_auc(labels, probability)[0]


def pseudo_values(metric: str, labels: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Jackknife pseudo-values (N,) of `metric` (a key of METRICS): N x value - (N - 1) x value without example i.

    Exact, in O(C N log N). NaN for an example without which the metric is undefined.
    """
    value, without = _JACKKNIVES[metric](labels, probability)
    return len(labels) * value - (len(labels) - 1) * without


def _accuracy(labels: np.ndarray, probability: np.ndarray) -> _Jackknife:
    right = (probability.argmax(axis=1) == labels).astype(float)
    return _ratio(right.sum(), len(right)).item(), _ratio(right.sum() - right, np.full(len(right), len(right) - 1))


def _f1(labels: np.ndarray, probability: np.ndarray) -> _Jackknife:
    classes = np.arange(probability.shape[1])
    is_label = labels[:, None] == classes  # (N, C)
    is_predicted = probability.argmax(axis=1)[:, None] == classes
    hits, total = 2 * (is_label & is_predicted), is_label.astype(int) + is_predicted  # F1 = sum hits / sum total
    value = _ratio(hits.sum(axis=0), total.sum(axis=0))
    without = _ratio(hits.sum(axis=0) - hits, total.sum(axis=0) - total)
    return _over_classes(value, without, is_label)


def _roc_auc(labels: np.ndarray, probability: np.ndarray) -> _Jackknife:
    is_label = labels[:, None] == np.arange(probability.shape[1])  # (N, C)
    parts = [_auc(column, score) for column, score in zip(is_label.T, probability.T, strict=True)]
    value = np.array([part[0] for part in parts])
    without = np.stack([part[1] for part in parts], axis=1)
    return _over_classes(value, without, is_label)


def _auc(positive: np.ndarray, score: np.ndarray) -> _Jackknife:
    """Mann-Whitney: the fraction of pairs (positive, negative) in order, ties one half."""
    won = np.zeros(len(score))  # pairs that an example takes part in and that are in order
    ranks, n_negative = _ranks(score), int((~positive).sum())
    n_positive = len(score) - n_negative
    won[positive] = ranks[positive] - _ranks(score[positive])
    won[~positive] = n_positive - (ranks[~positive] - _ranks(score[~positive]))
    pairs_without = np.where(positive, (n_positive - 1) * n_negative, n_positive * (n_negative - 1))
    in_order = won[positive].sum()
    return _ratio(in_order, n_positive * n_negative).item(), _ratio(in_order - won, pairs_without)


def _ranks(score: np.ndarray) -> np.ndarray:
    """Ranks (N,) from 1, ties sharing their mean; NaN where there is one: as those of scipy.stats, slow to import."""
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks: np.ndarray = (counts.cumsum() - 0.5 * (counts - 1))[place]
    return np.full(len(score), np.nan) if np.isnan(score).any() else ranks


def _over_classes(value: np.ndarray, without: np.ndarray, is_label: np.ndarray) -> _Jackknife:
    """Class 1 of two, else the mean of the defined; NaN where the labels left are of one class."""
    counts = is_label.sum(axis=0)
    if is_label.shape[1] == 2:
        value, without = value[1:], without[:, 1:]
    kinds = (counts > 0).sum()
    kinds_without = (counts - is_label > 0).sum(axis=1)
    total = _defined_mean(value[None])[0] if kinds > 1 else np.nan
    return float(total), np.where(kinds_without > 1, _defined_mean(without), np.nan)


def _defined_mean(values: np.ndarray) -> np.ndarray:
    """Mean of each row over the entries that are not NaN."""
    return _ratio(np.nansum(values, axis=1), (~np.isnan(values)).sum(axis=1))


def _ratio(numerator: np.ndarray | float, denominator: np.ndarray | float) -> np.ndarray:
    """Quotient, NaN where the denominator is 0."""
    top, bottom = np.broadcast_arrays(np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float))
    quotient = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=quotient, where=bottom != 0)
    return quotient


METRICS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {"accuracy": accuracy, "f1": f1, "roc-auc": roc_auc}
_JACKKNIVES = {"accuracy": _accuracy, "f1": _f1, "roc-auc": _roc_auc}
