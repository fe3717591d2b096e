"""Additive ("tanh") attention of Bahdanau et al. (2015), as in Jain and Wallace (2019).

Without a query for single texts; for pairs the query is the question.
"""

from torch import Tensor, nn

FACTS = {
    "name": "additive",
    "title": "Additive",
    "citation": "Bahdanau et al. (2015)",
    "needs": [],
    "options": {
        "hidden": {
            "type": "integer",
            "default": None,
            "minimum": 1,
            "nullable": True,
            "description": "Size of the hidden layer; null: half the size of the encoder's states.",
        },
    },
}


class Additive(nn.Module):
    """s_t = v . tanh(W1 h_t + b1 + W2 q + b2), in pairs.

    s_t = v . tanh(W1 h_t + b1) for single texts: the query of the paper is a constant here, absorbed by v and b1.
    """

    def __init__(self, states_size: int, query_size: int | None = None, *, hidden: int | None) -> None:
        super().__init__()
        size = max(1, states_size // 2) if hidden is None else hidden
        self.hidden = nn.Linear(states_size, size)
        self.vector = nn.Linear(size, 1, bias=False)
        self.query = None if query_size is None else nn.Linear(query_size, size)

    def forward(self, states: Tensor, attended: Tensor, query: Tensor | None = None) -> Tensor:
        """Shapes: states (B, T, H); attended (B, T) bool, not used: each score depends on its own state; query (B, Q),
        in pairs alone. Scores (B, T).
        """
        return self.score(self.hidden(states), None if query is None else query[:, None])

    def linear(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """W1 (K, H) and b1 (K,): all that a score depends on of its state is W1 h + b1. `like` is not used."""
        return self.hidden.weight, self.hidden.bias

    def score(self, read: Tensor, query: Tensor | None = None) -> Tensor:
        """W1 h + b1 (..., K), and in pairs a query (..., Q) broadcast against it -> scores (...).

        By tanh(x) = 2 sigmoid(2 x) - 1, which is several times faster on the CPU.
        """
        hidden = read if self.query is None else read + self.query(query)
        gates = (2.0 * hidden).sigmoid()
        scores: Tensor = 2.0 * self.vector(gates) - self.vector.weight.sum()  # (..., 1)
        return scores.squeeze(-1)
