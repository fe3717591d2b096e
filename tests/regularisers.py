"""Terms of the loss for tests of training, written as functions."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from attnexplain.objectives.base import Regulariser

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
    return {getattr(function, "__name__", str(number)): Term(function, weight) for number, function in enumerate(functions)}
