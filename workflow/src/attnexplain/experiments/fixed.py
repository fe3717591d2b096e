"""Single examples whose states are fixed, so that attention alone decides the prediction; all in float64.

Each example passes through the model by itself, without padding: searches and exact answers then start from the same
numbers in whatever batch it stands. What the device computed is brought over once per batch.
"""

import copy
from collections.abc import Sequence
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
    decoder, whose logits are sum_t a_t values_t + bias (None for other decoders); states (L, H), those that attention
    mixes. `prediction` is the class predicted under the learned attention.
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


def is_binary(model: Classifier) -> bool:
    """Whether the examples of a model are binary, see `FixedExample`."""
    return isinstance(model.decoder, LinearDecoder) and len(model.decoder.weight) == 1


@torch.no_grad()
def fixed_examples(model: Classifier, batch: Batch) -> list[FixedExample]:
    """The examples of a batch, in its order, each passed by itself, without padding.

    Searches then start from the same numbers in whatever batch an example stands.
    """
    widths = batch.mask.sum(dim=1).tolist()
    return _split(model, batch, [_pass(model, alone) for alone in _alone(batch, widths)], widths)


@torch.no_grad()
def fixed_together(model: Classifier, batch: Batch) -> list[FixedExample]:
    """The same from one pass of the batch, equal up to rounding: for what moves no more than states do."""
    passed, known = _pass(model, batch), batch.mask.flatten()
    unpadded = replace(passed, states=passed.states[known], weights=passed.weights[known])
    return _split(model, batch, [unpadded], batch.mask.sum(dim=1).tolist())


@dataclass(frozen=True)
class _Passed:
    """What a model computed of texts of M tokens in all, one text after another, on its device.

    Shapes: states (M, H), weights (M,), prediction (B,), query (B, H) of pairs.
    """

    states: Tensor
    weights: Tensor
    prediction: Tensor
    query: Tensor | None


def _pass(model: Classifier, batch: Batch) -> _Passed:
    query = model.query(batch)
    output = model(batch, query)
    prediction = model.probabilities(output.logits).argmax(dim=-1)
    states, weights = output.values.flatten(0, 1), output.weights.flatten()
    return _Passed(states, weights, prediction, None if query is None else query.vector)


def _split(model: Classifier, batch: Batch, passed: Sequence[_Passed], widths: Sequence[int]) -> list[FixedExample]:
    """The examples of a batch from what was computed of its texts, `widths` tokens each, in one part or several."""
    decoder = copy.deepcopy(model.decoder).double().cpu().requires_grad_(False)
    attended = batch.attended.cpu()
    states = _brought([one.states for one in passed]).split(list(widths))
    weights = _brought([one.weights for one in passed]).split(list(widths))
    predictions = torch.cat([one.prediction for one in passed]).tolist()
    asked = [one.query for one in passed if one.query is not None]
    queries = Query(torch.cat(asked), batch.candidates).double() if asked else None
    return [
        _fixed(
            decoder,
            predictions[row],
            states[row][attended[row, :width]],
            weights[row][attended[row, :width]].numpy(),
            None if queries is None else queries.rows(torch.tensor([row])),
        )
        for row, width in enumerate(widths)
    ]


def _brought(parts: Sequence[Tensor]) -> Tensor:
    """The parts one after another, in float64 on the CPU."""
    return torch.cat(list(parts)).cpu().double()


def _fixed(
    decoder: torch.nn.Module, prediction: int, states: Tensor, weights: Floats, query: Query | None
) -> FixedExample:
    values = (states @ decoder.weight.T).numpy() if isinstance(decoder, LinearDecoder) else None
    return FixedExample(
        prediction=prediction,
        weights=weights / weights.sum() if len(weights) else weights,
        values=values,
        bias=decoder.bias.numpy() if isinstance(decoder, LinearDecoder) else None,
        states=states,
        query=query,
        decoder=decoder,
    )


def _alone(batch: Batch, widths: Sequence[int]) -> list[Batch]:
    """Each example of a batch by itself, cut to its `widths` (B,)."""
    asked = [0] * len(widths) if batch.pair_mask is None else batch.pair_mask.sum(dim=1).tolist()
    return [_cut(batch.rows(slice(row, row + 1)), *both) for row, both in enumerate(zip(widths, asked, strict=True))]


def _cut(one: Batch, width: int, asked: int) -> Batch:
    """Of one example the first `width` tokens, and the first `asked` of its question."""
    cut = {"token_ids": one.token_ids[:, :width], "mask": one.mask[:, :width], "attended": one.attended[:, :width]}
    if one.pair_ids is not None and one.pair_mask is not None:
        cut |= {"pair_ids": one.pair_ids[:, :asked], "pair_mask": one.pair_mask[:, :asked]}
    return replace(one, **cut)
