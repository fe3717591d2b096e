"""Sparsemax over the attended tokens (Martins and Astudillo 2016, equation 2), from the library `entmax`."""

from entmax import sparsemax
from torch import Tensor, nn

from attnexplain.models.normalisers.sparse import over_attended

FACTS = {
    "name": "sparsemax",
    "title": "Sparsemax",
    "citation": "Martins and Astudillo (2016)",
    "needs": [],
    "options": {},
}


class Sparsemax(nn.Module):
    """a = the point of the simplex nearest to s: a_t = max(0, s_t - tau), tau such that the weights sum to 1."""

    def forward(self, scores: Tensor, attended: Tensor) -> Tensor:
        """Shapes: scores (B, T); attended (B, T) bool. Weights (B, T): rows sum to 1, exactly 0 off attended and
        where s_t <= tau; a token that is 1 or more below the highest score never has weight.

        A row with nothing attended is 0 throughout, and so is its gradient.
        """
        return over_attended(sparsemax, scores, attended)
