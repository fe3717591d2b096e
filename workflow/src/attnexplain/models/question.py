"""The question of a pair: the text that the attended text is read for (question-answering) or held against."""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class Query:
    """What attention and decoder know of the questions of a batch.

    Shapes: vector (B, H); candidates (B, C) bool, True on the classes allowed as answer, None for all of them.
    """

    vector: Tensor
    candidates: Tensor | None = None

    def rows(self, rows: Tensor) -> "Query":
        """The questions at `rows` (N,), in that order."""
        return Query(self.vector[rows], None if self.candidates is None else self.candidates[rows])

    def double(self) -> "Query":
        """The same questions in float64, on the CPU."""
        return Query(self.vector.double().cpu(), None if self.candidates is None else self.candidates.cpu())


class Question(nn.Module):
    """q = last hidden state of an encoder of its own over embeddings of its own (Jain and Wallace 2019)."""

    def __init__(self, embedding: nn.Embedding, encoder: nn.Module) -> None:
        super().__init__()
        self.embedding = embedding
        self.encoder = encoder

    def forward(self, token_ids: Tensor, mask: Tensor) -> Tensor:
        """Token ids and mask (B, U) -> vectors (B, H)."""
        states = self.encoder(self.embedding(token_ids), mask)
        vector: Tensor = self.encoder.last_hidden(states, mask)  # type: ignore[operator]
        return vector
