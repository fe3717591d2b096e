"""Simple recurrent network of one layer, read from the left unless asked otherwise: zero initial state, no dropout."""

from torch import nn

from attnexplain.models.encoders.recurrent import Recurrent

FACTS = {
    "name": "rnn",
    "title": "RNN",
    "citation": "Elman (1990)",
    "needs": [],
    "options": {
        "hidden": {
            "type": "integer",
            "default": 128,
            "minimum": 1,
            "description": "State per direction; take the size of the embedding where a regulariser compares the two.",
        },
        "bidirectional": {
            "type": "boolean",
            "default": False,
            "description": "Read from the right too, with weights of its own; states are then twice as large.",
        },
    },
}


class RNN(Recurrent):
    """h_t = tanh(W e_t + U h_(t-1) + b)."""

    def __init__(self, embedding_size: int, *, hidden: int, bidirectional: bool) -> None:
        super().__init__(nn.RNN, embedding_size, hidden=hidden, bidirectional=bidirectional)
