"""Decoder of single texts: one linear layer, as in Jain and Wallace (2019)."""

from torch import Tensor, nn

from attnexplain.models.question import Query


class LinearDecoder(nn.Linear):
    """logits = W c + b of a context c = sum_t a_t h_t."""

    def forward(self, context: Tensor, query: Query | None = None) -> Tensor:
        """Context (B, H) -> logits (B, K); there is no query."""
        return super().forward(context)

    def linear(self) -> Tensor:
        """W (K, H): all that the logits depend on of a context c is W c."""
        return self.weight

    def answer(self, mixed: Tensor, query: Query | None = None) -> Tensor:
        """W c (..., K) -> logits (..., K)."""
        return mixed + self.bias
