"""Scaled dot-product attention with a learned query (Vaswani et al. 2017), as in Jain and Wallace (2019)."""

from torch import Tensor, nn

FACTS = {
    "name": "dot",
    "title": "Dot product",
    "citation": "Vaswani et al. (2017)",
    "needs": [],
    "options": {},
}


class Dot(nn.Module):
    """s_t = w . h_t / sqrt(H), w learned."""

    def __init__(self, states_size: int) -> None:
        super().__init__()
        self.vector = nn.Linear(states_size, 1, bias=False)
        self.scale = states_size**-0.5

    def forward(self, states: Tensor, attended: Tensor) -> Tensor:
        """Shapes: states (B, T, H); attended (B, T) bool, not used: each score depends on its own state. (B, T)."""
        scores: Tensor = self.vector(states) * self.scale  # (B, T, 1)
        return scores.squeeze(-1)
