"""The class-weighted loss. Expected numbers: by hand, -log of the label's probability times its weight."""

import math

import numpy as np
import pytest
import torch

from attnexplain.objectives.loss import class_weights, example_losses


def test_balanced_weights_of_two_classes_leave_class_0_at_1():
    assert class_weights(np.array([0, 0, 0, 1]), 2, "balanced").tolist() == [1, 3]


def test_balanced_weights_of_three_classes_are_n_over_k_n_c():
    weights = class_weights(np.array([0, 0, 0, 1, 1, 2]), 3, "balanced")
    assert weights.tolist() == pytest.approx([6 / 9, 6 / 6, 6 / 3])


def test_a_class_without_examples_has_a_finite_weight():
    assert class_weights(np.array([0, 0, 1]), 3, "balanced").isfinite().all()


def test_no_weights_are_ones():
    assert class_weights(np.array([0, 0, 1]), 2, "none").tolist() == [1, 1]


def test_binary_loss_by_hand():
    logits, label = torch.tensor([[0.0], [math.log(3)], [math.log(3)]]), torch.tensor([1, 1, 0])
    losses = example_losses(logits, label, torch.tensor([1.0, 2.0]))
    assert losses.tolist() == pytest.approx([2 * math.log(2), -2 * math.log(0.75), -math.log(0.25)])


def test_loss_of_three_classes_by_hand():
    logits = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]).log()
    losses = example_losses(logits, torch.tensor([0, 1]), torch.tensor([1.0, 4.0, 1.0]))
    assert losses.tolist() == pytest.approx([-math.log(0.5), -4 * math.log(0.2)])
