"""Bidirectional LSTM of one layer, as in Jain and Wallace (2019): zero initial state, no dropout."""

from torch import nn

from attnexplain.models.encoders.recurrent import Recurrent

FACTS = {
    "name": "bilstm",
    "title": "BiLSTM",
    "citation": "Hochreiter and Schmidhuber (1997); Graves and Schmidhuber (2005)",
    "needs": [],
    "directions": 2,
    "options": {
        "hidden": {"type": "integer", "default": 128, "minimum": 1, "description": "Size of the state per direction."},
    },
}


class BiLSTM(Recurrent):
    """h_t = [LSTM read from the left, at t; LSTM read from the right, at t], H = 2 x hidden."""

    def __init__(self, embedding_size: int, *, hidden: int) -> None:
        super().__init__(nn.LSTM, embedding_size, hidden=hidden, bidirectional=True)
