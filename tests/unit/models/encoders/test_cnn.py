"""CNN. Oracle: windows multiplied out one by one in numpy."""

import numpy as np
import torch

from attnexplain.models.encoders.cnn import CNN


def slow(encoder, words):
    """ReLU of every filter at every place of words (L, E), zeros beyond both ends."""
    columns = []
    for convolution in encoder.convolutions:
        weight, bias = convolution.weight.numpy(), convolution.bias.numpy()  # (F, E, width)
        reach = weight.shape[2] // 2
        around = np.pad(words, ((reach, reach), (0, 0)))
        windows = [around[place : place + weight.shape[2]] for place in range(len(words))]
        columns.append([[(filters.T * window).sum() for filters in weight] + bias for window in windows])
    return np.maximum(np.concatenate(columns, axis=1), 0)


@torch.no_grad()
def test_states_equal_the_windows_one_by_one():
    torch.manual_seed(0)
    encoder, embedded = CNN(5, hidden=8), torch.randn(2, 6, 5)
    mask = torch.tensor([[True] * 6, [True] * 2 + [False] * 4])
    states = encoder(embedded, mask).numpy()
    for row, length, found in zip(embedded.numpy(), (6, 2), states, strict=True):
        np.testing.assert_allclose(found[:length], slow(encoder, row[:length]), atol=1e-6)


def test_a_quarter_of_the_state_belongs_to_each_width():
    encoder = CNN(5, hidden=128)
    assert [tuple(c.weight.shape) for c in encoder.convolutions] == [(32, 5, width) for width in (1, 3, 5, 7)]
    assert encoder.size == 128


def test_the_last_hidden_state_is_the_largest_value_over_real_positions():
    states = torch.tensor([[[1.0, 7.0], [3.0, 2.0], [100.0, 100.0]], [[1.0, 1.0], [0.0, 2.0], [6.0, 0.0]]])
    mask = torch.tensor([[True, True, False], [True, True, True]])
    assert CNN(5, hidden=4).last_hidden(states, mask).tolist() == [[3, 7], [6, 2]]
