"""LSTM, GRU and RNN in one direction or two. Oracle: torch's own layers, one text at a time, without padding."""

import numpy as np
import pytest
import torch
from torch import nn

from attnexplain import registry
from attnexplain.models.encoders.recurrent import reverse

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
LENGTHS = [4, 7, 1, 5]
MASK = torch.arange(7) < torch.tensor(LENGTHS)[:, None]

each_encoder = pytest.mark.parametrize(
    ("name", "bidirectional"), [(name, both) for name in LAYERS for both in (False, True)]
)


def make(name, bidirectional, hidden=3):
    torch.manual_seed(0)
    return registry.load("encoder", name)(5, hidden=hidden, bidirectional=bidirectional)


def texts():
    """Noise, at padding too."""
    return torch.randn(4, 7, 5, generator=torch.Generator().manual_seed(1))


def torchs(encoder, name, bidirectional):
    """torch's layer with the encoder's weights."""
    layer = LAYERS[name](5, 3, batch_first=True, bidirectional=bidirectional)
    weights = dict(encoder.rightward.state_dict())
    if bidirectional:
        weights |= {f"{name}_reverse": value for name, value in encoder.leftward.state_dict().items()}
    layer.load_state_dict(weights)
    return layer


@each_encoder
@torch.no_grad()
def test_states_equal_torchs_layer_one_text_at_a_time(name, bidirectional):
    encoder, embedded = make(name, bidirectional), texts()
    layer, states = torchs(encoder, name, bidirectional), encoder(embedded, MASK)
    assert states.shape == (4, 7, encoder.size)
    for row, length in enumerate(LENGTHS):
        alone, _ = layer(embedded[row : row + 1, :length])
        torch.testing.assert_close(states[row, :length], alone[0], atol=1e-6, rtol=0)
        assert states[row, length:].eq(0).all()


@each_encoder
@torch.no_grad()
def test_the_last_hidden_state_is_torchs_of_each_direction(name, bidirectional):
    encoder, embedded = make(name, bidirectional), texts()
    layer, found = torchs(encoder, name, bidirectional), encoder.last_hidden(encoder(embedded, MASK), MASK)
    for row, length in enumerate(LENGTHS):
        _, ended = layer(embedded[row : row + 1, :length])
        last = ended[0] if name == "lstm" else ended  # (directions, 1, H)
        torch.testing.assert_close(found[row], last[:, 0].flatten(), atol=1e-6, rtol=0)


@each_encoder
def test_gradients_of_weights_and_embeddings_equal_torchs(name, bidirectional):
    encoder = make(name, bidirectional)
    layer, weight = torchs(encoder, name, bidirectional), torch.randn(4, 7, encoder.size)
    ours, theirs = texts().requires_grad_(), texts().requires_grad_()
    (encoder(ours, MASK) * weight).sum().backward()
    for row, length in enumerate(LENGTHS):
        (layer(theirs[row : row + 1, :length])[0] * weight[row, :length]).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-5, rtol=0)
    assert ours.grad[~MASK].eq(0).all()
    for parameter, value in encoder.rightward.named_parameters():
        torch.testing.assert_close(value.grad, getattr(layer, parameter).grad, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", LAYERS)
@torch.no_grad()
def test_in_one_direction_no_state_knows_what_follows(name):
    encoder, embedded = make(name, False), texts()
    changed = embedded.clone()
    changed[:, 3:] += 1.0
    before, after = (encoder(given, torch.ones_like(MASK)) for given in (embedded, changed))
    assert before[:, :3].equal(after[:, :3])
    assert not before[:, 3:].isclose(after[:, 3:]).any(dim=1).all()


@torch.no_grad()
def test_a_simple_recurrent_state_equals_its_equation():
    encoder, words = make("rnn", False), texts()[:1, :2]
    weights = {name: value.numpy() for name, value in encoder.rightward.state_dict().items()}
    bias = weights["bias_ih_l0"] + weights["bias_hh_l0"]
    first = np.tanh(weights["weight_ih_l0"] @ words[0, 0].numpy() + bias)
    second = np.tanh(weights["weight_ih_l0"] @ words[0, 1].numpy() + weights["weight_hh_l0"] @ first + bias)
    np.testing.assert_allclose(encoder(words, MASK[:1, :2])[0].numpy(), [first, second], atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_sizes_are_free_so_that_states_can_be_as_large_as_embeddings(name):
    assert make(name, False, hidden=5).size == 5
    assert make(name, True, hidden=5).size == 10


@each_encoder
@torch.no_grad()
def test_nothing_is_kept_from_one_call_to_the_next(name, bidirectional):
    encoder = make(name, bidirectional)
    assert encoder(texts(), MASK).equal(encoder(texts(), MASK))


def test_the_bidirectional_lstm_is_the_bilstm():
    torch.manual_seed(0)
    bilstm = registry.load("encoder", "bilstm")(5, hidden=3)
    same = make("lstm", True)
    assert list(same.state_dict()) == list(bilstm.state_dict())
    assert same(texts(), MASK).equal(bilstm(texts(), MASK))


def test_reverse_turns_each_text_within_its_own_length():
    sequences = torch.tensor([[1, 2, 3, 0], [4, 5, 6, 7]])[:, :, None]
    mask = torch.tensor([[True, True, True, False], [True] * 4])
    assert reverse(sequences, mask)[:, :, 0].tolist() == [[3, 2, 1, 0], [7, 6, 5, 4]]
