"""Predictions for texts without one of their words, over the states that the deletions leave as they are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from attnexplain import registry
from attnexplain.models.classifier import Classifier
from attnexplain.models.encoders.deletions import Deletions
from attnexplain.models.question import Query
from attnexplain.models.reading import Reading, reading

# Deletions side by side: enough for efficient products, few enough for the states to stay in the cache.
ROWS = 1024
# Numbers per position of the budget that the scores and values of a piece may take.
NUMBERS = 1024


@dataclass(frozen=True)
class Shortened:
    """Of one model whose encoder tells what a deletion changes, and whose attention reads single states."""

    model: Classifier
    reading: Reading
    deletions: Callable[..., Deletions]
    tokens_per_batch: int

    def probabilities(self, embedded: Tensor, query: Query | None) -> Iterator[tuple[range, Tensor]]:
        """(places of the words deleted, probabilities (N, B, C) without each) for texts (B, T, E) of one length."""
        n_texts, length = embedded.shape[:2]
        states = self.deletions(self.model.encoder, embedded, self.reading.weight, self.reading.bias)
        whole = self.reading.scores(states.read, query), self.reading.values(states.read)  # (T, B), (T, B, V)
        count = self._count(n_texts, length, whole[1].shape[-1])
        for start in range(1, length - 1, count):
            deleted = range(start, min(start + count, length - 1))
            yield deleted, self._piece(states, whole, deleted, query)

    def _piece(self, states: Deletions, whole: tuple[Tensor, Tensor], deleted: range, query: Query | None) -> Tensor:
        """Probabilities (N, B, C) of B texts without each of N words."""
        scores, values = (part.repeat(len(deleted), *[1] * part.ndim) for part in whole)  # (N, T, B), (N, T, B, V)
        for changed in states.changed(deleted):
            scores[changed.deleted, changed.place] = self.reading.scores(changed.read, query)
            values[changed.deleted, changed.place] = self.reading.values(changed.read)
        weights = self._normalised(scores, deleted)
        mixed = torch.einsum("ntb,ntbv->nbv", weights, values)
        count, n_texts, _ = mixed.shape
        asked = None if query is None else query.rows(torch.arange(n_texts, device=mixed.device).repeat(count))
        logits = self.reading.answer(mixed.flatten(0, 1), asked)
        return self.model.probabilities(logits).view(count, n_texts, -1)

    def _normalised(self, scores: Tensor, deleted: range) -> Tensor:
        """Scores (N, T, B) -> attention weights (N, T, B), 0 at the word deleted."""
        place = torch.arange(scores.shape[1], device=scores.device)
        gap = torch.arange(deleted.start, deleted.stop, device=scores.device)
        left = (place > 0) & (place < len(place) - 1) & (place != gap[:, None])  # (N, T)
        rows = scores.transpose(1, 2).flatten(0, 1)  # (N B, T)
        weights: Tensor = self.model.normaliser(rows, left.repeat_interleave(scores.shape[2], dim=0))
        return weights.view(len(scores), -1, scores.shape[1]).transpose(1, 2)

    def _count(self, n_texts: int, length: int, values: int) -> int:
        """Words deleted side by side in each text."""
        numbers = NUMBERS * self.tokens_per_batch // (n_texts * length * (values + 1))
        return max(1, min(ROWS // n_texts, self.tokens_per_batch // n_texts, numbers))


def shortened(model: Classifier, tokens_per_batch: int) -> Shortened | None:
    """None for an encoder without deletions of its own, or where more than states is scored or mixed."""
    read, deletions = reading(model), registry.companion("deletions", "encoder", type(model.encoder))
    if read is None or deletions is None:
        return None
    return Shortened(model, read, deletions, tokens_per_batch)
