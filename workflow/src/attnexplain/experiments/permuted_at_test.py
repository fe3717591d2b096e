"""Permuted attention at test time: what is left of the accuracy when the learned weights go to other words.

The learned weights of a text are shuffled among its words, states (and the question of a pair) fixed, and decoded
again. `permutation` has the median distance of such predictions; here are the mean over draws of what they get right,
and of their distance. After the switches of Tutek and Šnajder's published code (2020).
"""

from collections.abc import Sequence

import numpy as np

from attnexplain.data.batching import Batch
from attnexplain.experiments.at_test import effects, labels_of
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.experiments.fixed import FixedExample, Floats, fixed_together
from attnexplain.experiments.orders import orders
from attnexplain.models.classifier import Classifier
from attnexplain.seeding import generator

FACTS = {
    "name": "permuted-at-test",
    "title": "Permuted attention at test time",
    "citation": "after Tutek and Šnajder (2020)",
    "needs": ["attention", "labels"],
    "options": {
        "draws": {
            "type": "integer",
            "default": 10,
            "minimum": 1,
            "description": "Random permutations of the weights per example, averaged.",
        }
    },
    "columns": {
        "accuracy": {
            "description": "Accuracy when the weights are permuted",
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
            "description": "Mean over permutations of the distance between the predictions",
            "range": [0.0, 1.0],
            "direction": "higher: the prediction depends on where the attention lies",
        },
    },
}


class PermutedAtTest(Experiment):
    """Means over `draws` random permutations of the attention weights."""

    def __init__(self, model: Classifier, *, seed: int, draws: int = 10) -> None:
        super().__init__(model, seed=seed)
        self.draws = draws

    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """One forward pass; every draw is then decoded, in float64."""
        examples = fixed_together(self.model, batch)
        drawn = [self._drawn(*one) for one in zip(examples, example_ids, strict=True)]
        prediction = np.array([example.prediction for example in examples])
        return {"prediction": prediction, **effects(examples, drawn, labels_of(batch))}

    def _drawn(self, example: FixedExample, example_id: str) -> Floats:
        """The weights (D, L) in as many random orders, from the example's own stream."""
        random = generator(self.seed, "sampling", "permuted-at-test", example_id)
        return example.weights.take(orders(random, self.draws, len(example.weights)))
