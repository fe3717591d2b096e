"""BiLSTM. Oracles: the equations of an LSTM step in numpy, and torch's bidirectional LSTM on packed sequences."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from attnexplain.models.encoders.bilstm import BiLSTM

LENGTHS = torch.tensor([4, 7, 1])
MASK = torch.arange(7) < LENGTHS[:, None]


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return BiLSTM(5, hidden=3)


@pytest.fixture
def embedded():
    return torch.randn(3, 7, 5, generator=torch.Generator().manual_seed(1))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def steps(lstm, inputs):
    """i, f, g, o = W x + U h + b; c = f c + i g; h = o tanh(c); from zero states."""
    weights = {name: value.numpy() for name, value in lstm.state_dict().items()}
    hidden = cell = np.zeros(lstm.hidden_size)
    states = []
    for x in inputs:
        gates = weights["weight_ih_l0"] @ x + weights["weight_hh_l0"] @ hidden
        i, f, g, o = np.split(gates + weights["bias_ih_l0"] + weights["bias_hh_l0"], 4)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        hidden = sigmoid(o) * np.tanh(cell)
        states.append(hidden)
    return np.array(states)


@torch.no_grad()
def test_states_equal_the_equations_step_by_step(encoder, embedded):
    states = encoder(embedded, MASK).numpy()
    for row, length, found in zip(embedded.numpy(), LENGTHS.tolist(), states, strict=True):
        words = row[:length]
        slow = np.concatenate([steps(encoder.rightward, words), steps(encoder.leftward, words[::-1])[::-1]], axis=1)
        np.testing.assert_allclose(found[:length], slow, atol=1e-6)


def test_states_and_gradients_equal_torchs_packed_bidirectional_lstm(encoder, embedded):
    packed = nn.LSTM(5, 3, batch_first=True, bidirectional=True)
    left = {f"{name}_reverse": value for name, value in encoder.leftward.state_dict().items()}
    packed.load_state_dict({**encoder.rightward.state_dict(), **left})
    ours, theirs = embedded.clone().requires_grad_(), embedded.clone().requires_grad_()
    states = encoder(ours, MASK)
    output, _ = packed(pack_padded_sequence(theirs, LENGTHS, batch_first=True, enforce_sorted=False))
    expected = pad_packed_sequence(output, batch_first=True)[0]
    torch.testing.assert_close(states, expected, atol=1e-6, rtol=0)
    weight = torch.randn(states.shape)
    gradients = [
        torch.autograd.grad((value * weight).sum(), point)[0] for value, point in ((states, ours), (expected, theirs))
    ]
    torch.testing.assert_close(*gradients, atol=1e-6, rtol=0)


def test_gradients_exist_in_eval_mode(encoder, embedded):
    point = embedded.clone().requires_grad_()
    encoder.eval()(point, MASK).sum().backward()
    assert point.grad.abs().sum(dim=-1).gt(0).equal(MASK)


@torch.no_grad()
def test_the_last_hidden_state_is_where_each_direction_ends(encoder, embedded):
    found = encoder.last_hidden(encoder(embedded, MASK), MASK)
    for row, length, vector in zip(embedded, LENGTHS.tolist(), found, strict=True):
        _, (rightward, _) = encoder.rightward(row[None, :length])
        _, (leftward, _) = encoder.leftward(row[None, :length].flip(1))
        expected = torch.cat([rightward[0, 0], leftward[0, 0]])
        torch.testing.assert_close(vector, expected, atol=1e-6, rtol=0)
