"""Single examples whose states are fixed, so that attention alone decides the prediction; all in float64.

Each example passes through the model by itself, without padding: searches and exact answers then start from the same
numbers in whatever batch it stands.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.experiments.slab import Interval, positive, slab
from attnexplain.models.classifier import Classifier
from attnexplain.models.decoders.linear import LinearDecoder
from attnexplain.models.question import Query

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class FixedExample:
    """The L words of one example under a trained model.

    Shapes: weights (L,), the learned attention, summing to 1 in float64; values (L, K) and bias (K,) of a linear
    decoder, whose logits are sum_t a_t values_t + bias (None for other decoders); states (L, H). `prediction` is the
    class predicted under the learned attention.
    """

    prediction: int
    weights: Floats
    values: Floats | None
    bias: Floats | None
    states: Tensor
    query: Query | None
    decoder: torch.nn.Module

    @property
    def is_binary(self) -> bool:
        """Whether one logit, linear in the attention, is all there is."""
        return self.values is not None and self.values.shape[1] == 1

    @torch.no_grad()
    def probabilities(self, weights: Floats) -> Floats:
        """Attention (N, L) -> probabilities (N, C)."""
        if self.values is None or self.bias is None:
            return self._decoded(torch.from_numpy(weights)).numpy()
        logits = weights @ self.values + self.bias
        if self.is_binary:
            return np.concatenate([positive(-logits), positive(logits)], axis=-1)
        return torch.from_numpy(logits).softmax(dim=-1).numpy()

    def distance(self, weights: Floats) -> Floats:
        """Attention (N, L) -> total variation distance (N,) to the prediction under the learned attention."""
        original = self.probabilities(self.weights[None])
        return np.asarray(0.5 * np.abs(self.probabilities(weights) - original).sum(axis=-1))

    def _decoded(self, weights: Tensor) -> Tensor:
        query = None if self.query is None else self.query.rows(torch.zeros(len(weights), dtype=torch.int64))
        probabilities: Tensor = self.decoder(weights @ self.states, query).softmax(dim=-1)
        return probabilities


def interval(example: FixedExample, epsilon: float) -> Interval:
    """Of two classes: the values of weights @ values whose prediction is within epsilon of the learned one."""
    assert example.values is not None and example.bias is not None and example.is_binary
    bias = float(example.bias[0])
    z = float(example.weights @ example.values[:, 0]) + bias
    return slab(z, bias, float(positive(z)), float(positive(-z)), epsilon)


@torch.no_grad()
def fixed_examples(model: Classifier, batch: Batch) -> Iterator[FixedExample]:
    """The examples of a batch, in its order."""
    decoder = copy.deepcopy(model.decoder).double().cpu().requires_grad_(False)
    for row in range(len(batch.index)):
        yield _fixed(model, decoder, _alone(batch, row))


def _fixed(model: Classifier, decoder: torch.nn.Module, alone: Batch) -> FixedExample:
    query = model.query(alone)
    output = model(alone, query)
    real = alone.attended[0]
    states = output.states[0, real].double().cpu()
    weights = output.weights[0, real].double().cpu().numpy()
    values = (states @ decoder.weight.T).numpy() if isinstance(decoder, LinearDecoder) else None
    return FixedExample(
        prediction=int(model.probabilities(output.logits).argmax(dim=-1)),
        weights=weights / weights.sum() if len(weights) else weights,
        values=values,
        bias=decoder.bias.numpy() if isinstance(decoder, LinearDecoder) else None,
        states=states,
        query=None if query is None else query.double(),
        decoder=decoder,
    )


def _alone(batch: Batch, row: int) -> Batch:
    """One example of a batch, without padding."""
    one = batch.rows(torch.tensor([row], device=batch.index.device))
    kept = one.mask[0]
    cut = {"token_ids": one.token_ids[:, kept], "mask": one.mask[:, kept], "attended": one.attended[:, kept]}
    if one.pair_ids is not None and one.pair_mask is not None:
        asked = one.pair_mask[0]
        cut |= {"pair_ids": one.pair_ids[:, asked], "pair_mask": one.pair_mask[:, asked]}
    return replace(one, **cut)
