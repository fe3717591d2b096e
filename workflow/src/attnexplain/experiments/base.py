"""What every experiment shares: an intervention on the attention of a trained model, measured per example.

Contract
- `run` returns one column per measure of the plug-in's FACTS["columns"], an entry per example, in the batch's order,
  beside `prediction` (the class predicted under the learned attention) and, where one is found, `weights`.
- Draws are keyed by the run's seed and the example's id, so no number depends on the batch's composition.
- The model runs in eval mode and is left as it was.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier
from attnexplain.models.evaluation import evaluation

Columns = Mapping[str, np.ndarray[Any, Any] | list[Any]]


class Experiment(ABC):
    """An experiment is its `measure`. `seed` is the run's."""

    def __init__(self, model: Classifier, *, seed: int) -> None:
        self.model = model
        self.seed = seed

    def run(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """Columns of (B,) for the examples of `batch`, whose ids are `example_ids`."""
        with evaluation(self.model):
            return self.measure(batch, example_ids)

    @abstractmethod
    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """The intervention and what it does to the prediction."""
