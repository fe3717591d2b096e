"""What the measures share that hold the attentions of the runs of a cell against each other, and some predictions.

`jsd` is the Jensen-Shannon divergence of two runs' attentions in nats; `tvd` the total variation distance, all classes
counted, of the two predictions that the measure is about.
"""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from attnexplain.between.base import Between, Columns
from attnexplain.data.batching import Batch
from attnexplain.experiments.fixed import FixedExample, Floats, fixed_examples
from attnexplain.experiments.slab import jensen_shannon


class Attentions(Between):
    """Distance and divergence of every ordered pair of runs, in float64; a measure is its `distances`."""

    def measure(self, batch: Batch) -> Columns:
        """One forward pass per run; a text without an attended token has neither number."""
        runs = [fixed_examples(model, batch) for model in self.models]
        shape = (len(self.models), len(self.models), len(batch.index))
        tvd, jsd = np.full(shape, np.nan), np.full(shape, np.nan)
        for row, same in enumerate(zip(*runs, strict=True)):
            attention = np.stack([example.weights for example in same])  # (S, L)
            if not attention.shape[1]:
                continue
            tvd[:, :, row] = self.distances(same, attention)
            jsd[:, :, row] = jensen_shannon(attention[:, None], attention)
        return {"tvd": tvd, "jsd": jsd}

    @abstractmethod
    def distances(self, same: Sequence[FixedExample], attention: Floats) -> Floats:
        """(S, S) of one text as the S runs have it, whose attentions are `attention` (S, L)."""
