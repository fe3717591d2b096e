"""1.5-entmax over the attended tokens (Peters et al. 2019, section 3, alpha = 1.5), from the library `entmax`."""

from entmax import entmax15
from torch import Tensor, nn

from attnexplain.models.normalisers.sparse import over_attended

FACTS = {
    "name": "entmax15",
    "title": "1.5-entmax",
    "citation": "Peters et al. (2019)",
    "needs": [],
    "options": {},
}


class Entmax15(nn.Module):
    """a_t = max(0, s_t / 2 - tau)^2, tau such that the weights sum to 1: between softmax and sparsemax."""

    def forward(self, scores: Tensor, attended: Tensor) -> Tensor:
        """Shapes: scores (B, T); attended (B, T) bool. Weights (B, T): rows sum to 1, exactly 0 off attended and
        where s_t / 2 <= tau; a token that is 2 or more below the highest score never has weight.

        A row with nothing attended is 0 throughout, and so is its gradient.
        """
        return over_attended(entmax15, scores, attended)
