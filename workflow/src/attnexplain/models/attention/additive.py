"""Additive ("tanh") attention of Bahdanau et al. (2015), without a query, as in Jain and Wallace (2019)."""

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
    """s_t = v . tanh(W1 h_t + b1). The query of the paper is a constant here, absorbed by v and b1."""

    def __init__(self, states_size: int, *, hidden: int | None) -> None:
        super().__init__()
        size = max(1, states_size // 2) if hidden is None else hidden
        self.hidden = nn.Linear(states_size, size)
        self.vector = nn.Linear(size, 1, bias=False)

    def forward(self, states: Tensor, attended: Tensor) -> Tensor:
        """Shapes: states (B, T, H); attended (B, T) bool, not used: each score depends on its own state. (B, T)."""
        scores: Tensor = self.vector(self.hidden(states).tanh())  # (B, T, 1)
        return scores.squeeze(-1)
