"""What the measures between runs that read models share: runs of one cell (all but the seed alike) beside each other.

FACTS["reads"] is "models" for these. One that reads "attributions" is a function of two runs' scores instead
(`between/retest.py`), called for every method and pair of methods.

Contract
- `run` returns one array (S, S, B) per column of the plug-in's FACTS["columns"]: entry [a, b] is of run a beside run b,
  per example, in the batch's order. NaN where undefined; the column's "undefined" says when that is.
- What a run has beside itself, [a, a], is filled as any other entry; it is no measure, and is not written.
- No number depends on the batch's composition, nor on which other runs there are.
- The models run in eval mode and are left as they were.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from attnexplain.data.batching import Batch
from attnexplain.experiments.fixed import Floats
from attnexplain.models.classifier import Classifier
from attnexplain.models.evaluation import evaluation

Columns = Mapping[str, Floats]


class Between(ABC):
    """A measure between runs is its `measure`. `models` are the S runs of one cell, ordered by seed."""

    def __init__(self, models: Sequence[Classifier]) -> None:
        self.models = models

    def run(self, batch: Batch) -> Columns:
        """Columns of (S, S, B) for the examples of `batch`."""
        with ExitStack() as stack:
            for model in self.models:
                stack.enter_context(evaluation(model))
            return self.measure(batch)

    @abstractmethod
    def measure(self, batch: Batch) -> Columns:
        """What each run has beside each other."""
