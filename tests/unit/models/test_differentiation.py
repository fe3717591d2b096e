"""Recurrent layers that cuDNN can differentiate. Expected: the modes written down before, and torch's own eval mode."""

import pytest
import torch
from torch import nn

from attnexplain.models.differentiation import differentiable


class Deep(nn.Module):
    """Recurrent layers inside another, dropout between them and after."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleList([nn.LSTM(3, 4, num_layers=2, dropout=0.5, batch_first=True)])
        self.dropout = nn.Dropout(0.5)

    def forward(self, inputs):
        return self.dropout(self.encoder[0](inputs)[0])


@pytest.mark.parametrize("fails", [False, True])
def test_only_recurrent_layers_change_and_all_is_as_before_afterwards(fails):
    model = Deep().eval()
    try:
        with differentiable(model):
            training = [module for module in model.modules() if module.training]
            assert training == [model.encoder[0]]
            if fails:
                raise RuntimeError
    except RuntimeError:
        assert fails
    assert not any(module.training for module in model.modules())
    assert model.encoder[0].dropout == 0.5


@pytest.mark.parametrize("layer", [nn.RNN, nn.GRU, nn.LSTM])
def test_what_is_computed_and_its_gradient_are_those_of_eval_mode(layer):
    model = Deep()
    model.encoder[0] = layer(3, 4, num_layers=2, dropout=0.5, batch_first=True)
    model.eval()
    inputs, found = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0)), []
    for block in (differentiable(model), torch.enable_grad()):
        point = inputs.clone().requires_grad_()
        with block:
            states = model(point)
        found.append((states, torch.autograd.grad(states.pow(2).sum(), point)[0]))
    (states, gradient), (expected_states, expected_gradient) = found
    assert torch.equal(states, expected_states)
    assert torch.equal(gradient, expected_gradient)
    assert gradient.abs().max() > 0
