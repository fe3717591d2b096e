"""Which epoch is kept. Expected epochs: read off the numbers in each test."""

import math

import pytest
import torch

from attnexplain.objectives.selection import Epoch, Progress


def progress(*rows, selection="roc-auc"):
    """Epochs of (dev_loss, accuracy, f1, roc_auc); the weights of epoch n are n."""
    found = Progress()
    for number, row in enumerate(rows, start=1):
        found.add(Epoch(number, 1.0, *row), {"w": torch.tensor(float(number))}, selection)
    return found


ROWS = [(0.5, 0.6, 0.9, 0.7), (0.2, 0.8, 0.5, 0.6), (0.4, 0.7, 0.4, 0.9)]


@pytest.mark.parametrize(("selection", "best"), [("roc-auc", 3), ("accuracy", 2), ("f1", 1), ("loss", 2)])
def test_the_best_epoch_is_that_of_the_selection(selection, best):
    found = progress(*ROWS, selection=selection)
    assert (found.best_epoch, found.best_weights["w"].item()) == (best, best)


def test_of_epochs_that_rank_equally_the_one_of_less_loss_is_kept():
    assert progress((0.5, 0.6, 0.6, 1.0), (0.1, 0.9, 0.9, 1.0), (0.2, 0.8, 0.8, 1.0)).best_epoch == 2


def test_the_earlier_of_equal_epochs_stays():
    assert progress(*[(0.5, 0.5, 0.5, 0.5)] * 3).best_epoch == 1


def test_an_undefined_metric_gives_way_to_the_loss():
    assert progress(*[(loss, 1.0, math.nan, math.nan) for loss in (0.5, 0.1, 0.3)]).best_epoch == 2


def test_kept_weights_do_not_follow_the_training():
    weights, found = {"w": torch.tensor(1.0)}, Progress()
    found.add(Epoch(1, 1.0, *ROWS[0]), weights, "roc-auc")
    weights["w"] += 1
    assert found.best_weights["w"] == 1


def test_patience_counts_epochs_since_the_best():
    rows = [(0.5, 0.5, 0.5, auc) for auc in (0.6, 0.7, 0.7, 0.65)]
    assert not progress(*rows[:3]).is_over(10, patience=2)
    assert progress(*rows).is_over(10, patience=2)
    assert not progress(*rows).is_over(10, patience=None)


def test_training_ends_with_its_last_epoch():
    assert progress(*ROWS).is_over(3, patience=None)
    assert not progress(*ROWS).is_over(4, patience=None)
