"""Examples whose states are fixed, made at random without a model: for tests of experiments."""

from dataclasses import replace

import numpy as np
import torch

from attnexplain.experiments.fixed import FixedExample
from attnexplain.models.decoders.pair import PairDecoder
from attnexplain.models.question import Query


def linear(
    seed: int, length: int, classes: int = 1, *, scale: float = 2.0, shift: float = 0.5, ties: bool = False
) -> FixedExample:
    """Of a linear decoder with `classes` logits (1: two classes); `shift` large: the prediction is saturated."""
    random = np.random.default_rng([seed, length, classes])
    values = random.normal(0, scale, (length, classes))
    weights = random.dirichlet(np.full(length, 0.5))
    bias = random.normal(0, shift, classes)
    return FixedExample(
        prediction=0,
        weights=weights,
        values=values.round() if ties else values,
        bias=bias,
        states=torch.zeros(length, 1, dtype=torch.float64),
        query=None,
        decoder=torch.nn.Identity(),
    )


def pair(
    seed: int, length: int, classes: int, *, size: int = 32, scale: float = 6.0, candidates: list[int] | None = None
) -> FixedExample:
    """Of the decoder of pairs over states of `size`; `scale` multiplies its last weights; `candidates` may answer."""
    generator = torch.Generator().manual_seed(seed)
    decoder = PairDecoder(size, classes).double().requires_grad_(False)
    for parameter in decoder.parameters():
        parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64) / size**0.5)
    decoder.output.weight *= scale
    allowed = None
    if candidates is not None:
        allowed = torch.zeros(1, classes, dtype=torch.bool)
        allowed[0, candidates] = True
    return FixedExample(
        prediction=0,
        weights=np.random.default_rng([seed, length]).dirichlet(np.full(length, 0.5)),
        values=None,
        bias=None,
        states=torch.randn(length, size, generator=generator, dtype=torch.float64),
        query=Query(torch.randn(1, size, generator=generator, dtype=torch.float64), allowed),
        decoder=decoder,
    )


def sparse(example: FixedExample, holders: int) -> FixedExample:
    """The example with all of its attention on `holders` tokens, the others exactly without."""
    kept = example.weights >= np.sort(example.weights)[-holders]
    weights = np.where(kept, example.weights, 0.0)
    return replace(example, weights=weights / weights.sum())
