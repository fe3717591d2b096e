"""Uniform attention (Wiegreffe and Pinter 2019): a control, trained and evaluated with equal weights on all words.

What a model reaches without choosing among tokens is what learned attention has to surpass.
"""

from torch import Tensor, nn

FACTS = {
    "name": "uniform",
    "title": "Uniform",
    "citation": "Wiegreffe and Pinter (2019)",
    "needs": [],
    "options": {},
}


class Uniform(nn.Module):
    """s_t = 0: every normaliser gives each real token the same weight. There is nothing to train."""

    def __init__(self, states_size: int, query_size: int | None = None) -> None:
        super().__init__()
        self.size = states_size

    def forward(self, states: Tensor, attended: Tensor, query: Tensor | None = None) -> Tensor:
        """Shapes: states (B, T, H), only their shape used; attended (B, T) bool and query (B, H), not used.
        Scores (B, T).
        """
        return states.new_zeros(states.shape[:2])

    def linear(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """W (0, H) and b (0,), of the device and type of `like`: nothing of a state enters its score."""
        return like.new_zeros(0, self.size), like.new_zeros(0)

    def score(self, read: Tensor, query: Tensor | None = None) -> Tensor:
        """(..., 0) -> scores (...)."""
        return read.sum(dim=-1)
