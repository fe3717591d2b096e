"""Accuracy, F1, ROC-AUC. Oracles: scikit-learn, and leaving out one example at a time by hand."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from attnexplain.classification import METRICS, accuracy, f1, pseudo_values, roc_auc


def draw(n, classes, seed=0, decimals=1):
    """Labels and probabilities that are better than chance and often tied."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, n)
    raw = random.random((n, classes)) + 0.5 * np.eye(classes)[labels]
    probability = np.round(raw / raw.sum(axis=1, keepdims=True), decimals)
    return labels, probability


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_metrics_equal_scikit_learn(classes):
    labels, probability = draw(60, classes)
    predicted = probability.argmax(axis=1)
    average = "binary" if classes == 2 else "macro"
    areas = [roc_auc_score(labels == c, probability[:, c]) for c in range(classes)]
    assert accuracy(labels, probability) == pytest.approx(accuracy_score(labels, predicted))
    assert f1(labels, probability) == pytest.approx(f1_score(labels, predicted, average=average))
    assert roc_auc(labels, probability) == pytest.approx(areas[1] if classes == 2 else np.mean(areas))


@pytest.mark.parametrize("metric", sorted(METRICS))
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("n", [4, 7, 40])
def test_pseudo_values_equal_leaving_one_out(metric, classes, n):
    for seed in range(5):
        labels, probability = draw(n, classes, seed)
        whole = METRICS[metric](labels, probability)
        without = [METRICS[metric](np.delete(labels, i), np.delete(probability, i, axis=0)) for i in range(n)]
        slow = n * whole - (n - 1) * np.array(without)
        np.testing.assert_allclose(pseudo_values(metric, labels, probability), slow, atol=1e-10)


def test_pseudo_values_of_accuracy_are_the_hits():
    labels, probability = draw(20, 2)
    hits = probability.argmax(axis=1) == labels
    np.testing.assert_allclose(pseudo_values("accuracy", labels, probability), hits, atol=1e-12)


@pytest.mark.parametrize("metric", ["f1", "roc-auc"])
@pytest.mark.parametrize("classes", [2, 3])
def test_one_class_alone_is_undefined(metric, classes):
    _, probability = draw(6, classes)
    labels = np.ones(6, dtype=int)
    assert np.isnan(METRICS[metric](labels, probability))
    assert np.isnan(pseudo_values(metric, labels, probability)).all()


def test_only_the_last_example_of_a_class_has_no_pseudo_value():
    labels, probability = np.array([0, 0, 0, 1]), draw(4, 2)[1]
    assert np.isnan(pseudo_values("roc-auc", labels, probability)).tolist() == [False, False, False, True]


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_no_examples_are_undefined(metric):
    assert np.isnan(METRICS[metric](np.zeros(0, dtype=int), np.zeros((0, 2))))


def test_a_class_without_labels_does_not_enter_the_mean_area():
    labels, probability = draw(30, 2)
    three = np.column_stack([probability[:, :1], probability[:, 1:], np.linspace(0, 1, 30)])
    areas = [roc_auc_score(labels == c, three[:, c]) for c in (0, 1)]
    assert roc_auc(labels, three) == pytest.approx(np.mean(areas))
