"""Seed variance: how far two runs that differ in the seed alone are apart, in prediction and in attention.

Nothing is imposed: `tvd` is the total variation distance between the predictions that two runs make of a text, each
by its own states and attention, `jsd` the Jensen-Shannon divergence of their attentions in nats (Wiegreffe and Pinter
2019, section 3.3; a point of figure 5 beside the trained adversaries). Both are symmetric. An adversary whose
attention is no farther away than that of another seed shows nothing. Theirs is against one base run, per text the
median over the other seeds; here every run is held against every other, and the mean counts.
"""

from collections.abc import Sequence

import numpy as np

from attnexplain.between.attentions import Attentions
from attnexplain.experiments.fixed import FixedExample, Floats

FACTS = {
    "name": "seed-variance",
    "title": "Seed variance of prediction and attention",
    "citation": "Wiegreffe and Pinter (2019)",
    "needs": ["attention"],
    "reads": "models",
    "options": {},
    "columns": {
        "tvd": {
            "description": "Distance between the predictions of two seeds",
            "range": [0.0, 1.0],
            "direction": "higher: the seeds predict differently",
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


class SeedVariance(Attentions):
    """Every run beside every other, each as it is."""

    def distances(self, same: Sequence[FixedExample], attention: Floats) -> Floats:
        """Between the runs' own predictions."""
        own = np.concatenate([example.probabilities(example.weights[None]) for example in same])  # (S, C)
        return np.asarray(0.5 * np.abs(own[:, None] - own).sum(axis=-1))
