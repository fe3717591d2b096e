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
