"""For tests of regularisers: terms written as functions, tiny runs, and two words by hand."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Output
from attnexplain.objectives.base import Draws, Regulariser
from attnexplain.registry import load
from tiny import plugin, tiny_spec

Penalty = Callable[..., Tensor]


class Term(Regulariser):
    """The function (batch, output, model) -> (B,) as a term."""

    def __init__(self, function: Penalty, weight: float = 1.0) -> None:
        super().__init__(0, 0, weight=weight)
        self.function = function

    def penalty(self, batch: Any, output: Any, model: Any, draws: Any) -> Tensor:
        return self.function(batch, output, model)


def terms(*functions: Penalty, weight: float = 1.0) -> dict[str, Regulariser]:
    """The functions as regularisers, by their names."""
    return {
        getattr(function, "__name__", str(number)): Term(function, weight) for number, function in enumerate(functions)
    }


def regularised(*members: Any, **changes: Any) -> dict[str, Any]:
    """A tiny run with regularisers, given by name or (name, options); states are as wide as embeddings, 8."""
    named = [(one, {}) if isinstance(one, str) else one for one in members]
    found = tiny_spec(**changes)
    found["encoder"]["options"]["hidden"] = 4  # in each of two directions
    return {**found, "regulariser": [plugin("regulariser", name, **options) for name, options in named]}


def two_words(*evidence: float) -> Batch:
    """One text of two words, ids 4 and 5, between <sos> and <eos>; evidence weights of the two."""
    ids, place = torch.tensor([[2, 4, 5, 3]]), torch.arange(4)
    attended = ((place > 0) & (place < 3))[None]
    weights = torch.tensor([[0.0, *evidence, 0.0]]) if evidence else None
    return Batch(ids, torch.ones_like(attended), attended, torch.tensor([1]), torch.tensor([0]), evidence=weights)


def of_two(states: Any = None, embedded: Any = None, weights: Any = None) -> Output:
    """What a model makes of `two_words`: rows for the two words alone, those of <sos> and <eos> far off."""

    def rows(values: Any) -> Tensor:
        given = torch.tensor([[0.0, 0.0]] * 2 if values is None else values)
        return torch.cat([torch.full((1, 2), 9.0), given, torch.full((1, 2), -9.0)])[None].requires_grad_()

    attention = torch.tensor([[0.0, *(weights or (0.5, 0.5)), 0.0]]).requires_grad_()
    read = rows(states)
    return Output(torch.zeros(1, 1), attention, read, rows(embedded), read)


def made(name: str, **options: Any) -> Any:
    """A regulariser for a vocabulary of 6 words and embeddings of size 2."""
    return load("regulariser", name)(6, 2, **plugin("regulariser", name, **options)["options"])


def penalty(name: str, output: Output, batch: Batch | None = None, **options: Any) -> float:
    """What it penalises in two words."""
    (value,) = made(name, **options).penalty(batch or two_words(), output, None, Draws(1, 1)).tolist()
    return float(value)
