"""The average encoder. Oracle: its formula in numpy."""

import numpy as np
import torch

from attnexplain.models.encoders.average import Average


@torch.no_grad()
def test_states_are_tanh_of_each_token_alone():
    torch.manual_seed(0)
    encoder, embedded = Average(5, hidden=3), torch.randn(2, 4, 5)
    weight, bias = encoder.projection.weight.numpy(), encoder.projection.bias.numpy()
    states = encoder(embedded, torch.ones(2, 4, dtype=torch.bool)).numpy()
    np.testing.assert_allclose(states, np.tanh(embedded.numpy() @ weight.T + bias), atol=1e-6)


@torch.no_grad()
def test_the_last_hidden_state_is_the_mean_over_real_positions():
    states = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [100.0, 100.0]], [[1.0, 1.0], [2.0, 2.0], [6.0, 0.0]]])
    mask = torch.tensor([[True, True, False], [True, True, True]])
    assert Average(5, hidden=2).last_hidden(states, mask).tolist() == [[2, 4], [3, 1]]
