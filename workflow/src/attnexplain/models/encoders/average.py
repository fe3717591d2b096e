"""Each token by itself through one tanh layer: the "average" (feed-forward) encoder of Jain and Wallace (2019)."""

from torch import Tensor, nn

FACTS = {
    "name": "average",
    "title": "Average",
    "citation": "Jain and Wallace (2019)",
    "needs": [],
    "options": {
        "hidden": {"type": "integer", "default": 128, "minimum": 1, "description": "Size of the state."},
    },
}


class Average(nn.Module):
    """h_t = tanh(W e_t + b), H = hidden: no state knows its neighbours."""

    def __init__(self, embedding_size: int, *, hidden: int) -> None:
        super().__init__()
        self.size = hidden
        self.projection = nn.Linear(embedding_size, hidden)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Shapes: embedded (B, T, E); mask (B, T) bool. States (B, T, H), 0 at padding."""
        states: Tensor = self.projection(embedded).tanh()
        return states.masked_fill(~mask[:, :, None], 0.0)

    def last_hidden(self, states: Tensor, mask: Tensor) -> Tensor:
        """One vector (B, H) per text: the mean of its states (B, T, H) over mask (B, T).

        The mean in the code of Jain and Wallace (2019) runs over padding too, so that theirs depends on the batch.
        """
        return states.masked_fill(~mask[:, :, None], 0.0).sum(dim=1) / mask.sum(dim=1, keepdim=True)
