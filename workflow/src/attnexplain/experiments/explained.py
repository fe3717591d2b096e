"""Experiments that read what attribution methods say of the same run: FACTS["reads"] is `attributions`.

Their option `methods` (of type `plugins`) names the methods; the plan makes those that the study lacks. `read` comes
once, before any `run`. `measure` then returns, for each of FACTS["columns"], a value per example and method (B, M), in
the order of `methods`; the table has a row for each, with a column `method`.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attnexplain.experiments.base import Experiment
from attnexplain.models.memory import Budget

Scores = Sequence[np.ndarray[Any, Any]]  # of one method: per example of the test split the scores (L,) of its words


class Explained(Experiment):
    """An experiment is then its `read` and its `measure`."""

    methods: Sequence[str]  # ids, in the order of the option

    @abstractmethod
    def read(self, scores: Mapping[str, Scores], budget: Budget) -> None:
        """Take the scores by method id; a batch's `index` says which of them are its own."""
