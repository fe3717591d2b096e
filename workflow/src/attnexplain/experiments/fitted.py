"""Experiments that are fitted before they are measured: FACTS["needs"] says `train`.

`fit` comes once, before any `run`. What it finds depends on the model, the splits and the run's seed alone; the splits
are in the order of their tables, and `train` has the columns COLUMNS.
"""

from abc import abstractmethod

from attnexplain.data.batching import TokenisedSplit
from attnexplain.experiments.base import Experiment
from attnexplain.models.memory import Budget

COLUMNS = ("example_id", "label", "token_ids", "segment", "candidates")


class Fitted(Experiment):
    """An experiment is then its `fit` and its `measure`."""

    @abstractmethod
    def fit(self, train: TokenisedSplit, test: TokenisedSplit, budget: Budget) -> None:
        """Learn from `train` what `measure` applies to examples of `test`; of `test` no state may be learnt from."""
