"""Another seed's attention imposed on a run: what the attention of one run is worth to the prediction of another.

The states of run a (and its question, of a pair) stay fixed, the learned attention of run b takes the place of its own,
and the decoder of a predicts again: `tvd` is the total variation distance to the prediction of a, all classes counted,
`jsd` the Jensen-Shannon divergence of the two attentions in nats. A small distance beside a large divergence is
different attention with the same prediction, found by training instead of by search.
"""

import numpy as np

from attnexplain.between.base import Between, Columns
from attnexplain.data.batching import Batch
from attnexplain.experiments.fixed import fixed_examples
from attnexplain.experiments.slab import jensen_shannon

FACTS = {
    "name": "imposed-attention",
    "title": "Another seed's attention, imposed",
    "citation": "control",
    "needs": ["attention"],
    "reads": "models",
    "options": {},
    "columns": {
        "tvd": {
            "description": "Distance between the predictions under another seed's attention and under the own one",
            "range": [0.0, 1.0],
            "direction": "higher: the prediction depends on which seed's attention it is",
            "undefined": "no token is attended",
        },
        "jsd": {
            "description": "Divergence of the attentions of two seeds, in nats",
            "range": [0.0, 0.6931471805599453],
            "direction": "higher: the seeds attend differently",
            "undefined": "no token is attended",
        },
    },
}


class ImposedAttention(Between):
    """Distance and divergence of every ordered pair of runs, in float64."""

    def measure(self, batch: Batch) -> Columns:
        """One forward pass per run; every run then decodes the attention of all."""
        runs = [fixed_examples(model, batch) for model in self.models]
        shape = (len(self.models), len(self.models), len(batch.index))
        tvd, jsd = np.full(shape, np.nan), np.full(shape, np.nan)
        for row, same in enumerate(zip(*runs, strict=True)):
            attention = np.stack([example.weights for example in same])  # (S, L)
            if not attention.shape[1]:
                continue
            for own, example in enumerate(same):
                tvd[own, :, row] = example.distance(attention)
                jsd[own, :, row] = jensen_shannon(attention, example.weights)
        return {"tvd": tvd, "jsd": jsd}
