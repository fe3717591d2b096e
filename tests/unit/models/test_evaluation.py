"""Eval mode for the length of a block. Expected: the modes written down before."""

import pytest
from torch import nn

from attnexplain.models.evaluation import evaluation


def modes(model):
    return [module.training for module in model.modules()]


@pytest.mark.parametrize("fails", [False, True])
def test_every_module_gets_its_own_mode_back(fails):
    model = nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Dropout()), nn.Linear(1, 1))
    model[1].eval()
    before = modes(model)
    try:
        with evaluation(model):
            assert not any(modes(model))
            if fails:
                raise RuntimeError
    except RuntimeError:
        assert fails
    assert modes(model) == before == [True, True, False, False, True]
