"""Total variation distance. Expected numbers: by hand, and scipy's city-block distance halved."""

import pytest
import torch
from scipy.spatial.distance import cityblock

from attnexplain.models.distances import total_variation


def test_equal_is_zero_and_disjoint_is_one():
    p = torch.tensor([[0.2, 0.8], [1.0, 0.0]])
    q = torch.tensor([[0.2, 0.8], [0.0, 1.0]])
    assert total_variation(p, q).tolist() == [0.0, 1.0]


def test_two_classes_give_the_difference_of_one():
    found = total_variation(torch.tensor([0.25, 0.75]), torch.tensor([0.5, 0.5]))
    assert found.item() == 0.25


def test_all_classes_count_and_axes_broadcast():
    p, q = torch.randn(2, 4, 3, 5, generator=torch.Generator().manual_seed(0)).softmax(-1)
    found = total_variation(p[:, :1], q)
    expected = [[cityblock(p[row, 0], q[row, draw]) / 2 for draw in range(3)] for row in range(4)]
    assert found.tolist() == [pytest.approx(row, abs=1e-6) for row in expected]
