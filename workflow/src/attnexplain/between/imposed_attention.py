"""Another seed's attention imposed on a run: what the attention of one run is worth to the prediction of another.

The states of run a (and its question, of a pair) stay fixed, the learned attention of run b takes the place of its own,
and the decoder of a predicts again: `tvd` is the total variation distance to the prediction of a, all classes counted,
`jsd` the Jensen-Shannon divergence of the two attentions in nats. A small distance beside a large divergence is
different attention with the same prediction, found by training instead of by search.
"""

from collections.abc import Sequence

import numpy as np

from attnexplain.between.attentions import Attentions
from attnexplain.experiments.fixed import FixedExample, Floats

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


class ImposedAttention(Attentions):
    """Every run decodes the attention of all."""

    def distances(self, same: Sequence[FixedExample], attention: Floats) -> Floats:
        """Between the predictions of each run under the attention of each, and under its own."""
        return np.stack([example.distance(attention) for example in same])
