"""LSTM of one layer, read from the left unless asked otherwise: zero initial state, no dropout."""

from torch import nn

from attnexplain.models.encoders.recurrent import Recurrent

FACTS = {
    "name": "lstm",
    "title": "LSTM",
    "citation": "Hochreiter and Schmidhuber (1997)",
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


class LSTM(Recurrent):
    """h_t = o tanh(c_t), c_t = f c_(t-1) + i g, of gates i, f, o = sigmoid and g = tanh of W e_t + U h_(t-1) + b."""

    def __init__(self, embedding_size: int, *, hidden: int, bidirectional: bool) -> None:
        super().__init__(nn.LSTM, embedding_size, hidden=hidden, bidirectional=bidirectional)
