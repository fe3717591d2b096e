"""Attention decoded again over fixed states, many examples at once, with gradients; in float64."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from attnexplain.experiments.fixed import FixedExample
from attnexplain.models.question import Query


class Decoding:
    """Attention (N, R, L) -> probabilities (N, R, C): R each for N examples of one model, padded to one length."""

    def __init__(self, examples: Sequence[FixedExample], draws: int) -> None:
        first = examples[0]
        self.draws, self.decoder = draws, first.decoder
        self.bias = None if first.bias is None else torch.from_numpy(first.bias)
        # A linear decoder mixes decoded states (N, L, K), which are small; others mix the states (N, L, H).
        parts = [x.states if x.values is None else torch.from_numpy(x.values) for x in examples]
        self.parts = pad_sequence(parts, batch_first=True)
        if not self.parts.shape[1]:  # no example has a token
            self.parts = self.parts.new_zeros(len(examples), 1, self.parts.shape[2])
        self.query = repeated(examples, draws)

    def __call__(self, attention: Tensor) -> Tensor:
        mixed = attention @ self.parts
        if self.bias is None:
            logits: Tensor = self.decoder(mixed.flatten(0, 1), self.query)
            probabilities: Tensor = logits.softmax(dim=-1).unflatten(0, (-1, self.draws))
            return probabilities
        mixed = mixed + self.bias
        if mixed.shape[-1] > 1:
            return mixed.softmax(dim=-1)
        return torch.cat([(-mixed).sigmoid(), mixed.sigmoid()], dim=-1)


def repeated(examples: Sequence[FixedExample], times: int | Sequence[int]) -> Query | None:
    """The question of each example so many `times`, all alike or one number each; None for single texts."""
    queries = [example.query for example in examples if example.query is not None]
    if not queries:
        return None
    allowed = [query.candidates for query in queries if query.candidates is not None]
    together = Query(torch.cat([query.vector for query in queries]), torch.cat(allowed) if allowed else None)
    return together.rows(torch.from_numpy(np.repeat(np.arange(len(queries)), times)))
