"""What attention and decoder take from a state: a few linear functions of it, so that no other part need be kept.

For analyses that change the states of one text in many ways. Attention that scores each token by its own state does
so through a linear map of it, and so does every decoder, since it decodes a weighted sum of states:

    score_t = attention.score(W_a h_t + b_a, q)        logits = decoder.answer(sum_t a_t W_d h_t, q)
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from attnexplain.models.classifier import Classifier
from attnexplain.models.question import Query


@dataclass(frozen=True)
class Reading:
    """The linear maps of one model, stacked. Shapes: weight (R, H), bias (R,); the first `scoring` rows are W_a."""

    weight: Tensor
    bias: Tensor
    scoring: int
    attention: nn.Module
    decoder: nn.Module

    def scores(self, read: Tensor, query: Query | None) -> Tensor:
        """Read states (..., B, R) of B texts -> attention scores (..., B), before the normaliser."""
        given = () if query is None else (query.vector,)
        scores: Tensor = self.attention.score(read[..., : self.scoring], *given)  # type: ignore[operator]
        return scores

    def values(self, read: Tensor) -> Tensor:
        """Read states (..., R) -> what of them is mixed, W_d h (..., R - scoring)."""
        return read[..., self.scoring :]

    def answer(self, mixed: Tensor, query: Query | None) -> Tensor:
        """Weighted sums of values (N, R - scoring) under the questions of N texts -> logits (N, 1) or (N, C)."""
        logits: Tensor = self.decoder.answer(mixed, query)  # type: ignore[operator]
        return logits


def reading(model: Classifier) -> Reading | None:
    """The linear maps of a model; None where its attention (a plug-in) does not score through one, or mixes more than
    states.
    """
    if not (hasattr(model.attention, "score") and model.mixes_states):
        return None
    decoding = model.decoder.linear()
    scoring, bias = model.attention.linear(decoding)  # type: ignore[operator]
    weight, bias = torch.cat([scoring, decoding]), torch.cat([bias, bias.new_zeros(len(decoding))])
    return Reading(weight, bias, len(scoring), model.attention, model.decoder)
