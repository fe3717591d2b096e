"""Uniform attention at test time: equal weights over the words of a text in the place of the learned ones.

States (and the question of a pair) stay as they were trained with the learned attention, unlike in a model that is
trained with attention `uniform`. After the switches of Tutek and Šnajder's published code (2020).
"""

from collections.abc import Sequence

import numpy as np

from attnexplain.data.batching import Batch
from attnexplain.experiments.at_test import effects, labels_of
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.experiments.fixed import fixed_together
from attnexplain.experiments.slab import jensen_shannon

FACTS = {
    "name": "uniform-at-test",
    "title": "Uniform attention at test time",
    "citation": "after Tutek and Šnajder (2020)",
    "needs": ["attention", "labels"],
    "options": {},
    "columns": {
        "accuracy": {
            "description": "Accuracy when every word has the same weight",
            "range": [0.0, 1.0],
            "direction": "neither: read it beside the accuracy of the learned attention",
            "undefined": "no gold label",
        },
        "accuracy_change": {
            "description": "That less the accuracy of the learned attention",
            "range": [-1.0, 1.0],
            "direction": "lower: the model needs its attention",
            "undefined": "no gold label",
            "null": 0.0,
        },
        "tvd": {
            "description": "Distance between the predictions under learned and uniform attention",
            "range": [0.0, 1.0],
            "direction": "higher: the prediction depends on the attention",
        },
        "jsd": {
            "description": "Divergence of the learned attention from uniform, in nats",
            "range": [0.0, 0.6931471805599453],
            "direction": "neither",
        },
    },
}


class UniformAtTest(Experiment):
    """One other attention per text."""

    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """One forward pass; then decoded anew, in float64."""
        examples = fixed_together(self.model, batch)
        uniform = [np.full(len(example.weights), 1.0 / max(1, len(example.weights))) for example in examples]
        pairs = zip(examples, uniform, strict=True)
        return {
            "prediction": np.array([example.prediction for example in examples]),
            **effects(examples, [weights[None] for weights in uniform], labels_of(batch)),
            "jsd": np.array([float(jensen_shannon(weights, example.weights)) for example, weights in pairs]),
        }
