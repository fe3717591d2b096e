"""GRU of one layer, read from the left unless asked otherwise: zero initial state, no dropout."""

from torch import nn

from attnexplain.models.encoders.recurrent import Recurrent

FACTS = {
    "name": "gru",
    "title": "GRU",
    "citation": "Cho et al. (2014)",
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


class GRU(Recurrent):
    """h_t = (1 - z) n + z h_(t-1), n = tanh(W e_t + b + r (U h_(t-1) + b')), with gates r, z = sigmoid of the like.

    The reset gate stands after the product, as in PyTorch and cuDNN; in the paper it stands before it.
    """

    def __init__(self, embedding_size: int, *, hidden: int, bidirectional: bool) -> None:
        super().__init__(nn.GRU, embedding_size, hidden=hidden, bidirectional=bidirectional)
