"""The attention nearest to uniform that leaves the prediction (nearly) alone.

Of all attention over the L real tokens whose prediction is within epsilon (total variation, states fixed), the one of
least Kullback-Leibler divergence to uniform: ln L less its entropy. For two classes and a linear decoder the
constraint is an interval for a . v (docs/adversary.md); the answer is uniform itself where that is inside, otherwise
a_t proportional to exp(mu v_t), with mu at the near end of the interval: one root of a monotone function. With other
decoders the rows are undefined.
"""

from collections.abc import Sequence

import numpy as np

from attnexplain.data.batching import Batch
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.experiments.fixed import FixedExample, Floats, fixed_together, interval
from attnexplain.experiments.slab import nearest_to_uniform
from attnexplain.models.classifier import Classifier

FACTS = {
    "name": "nearest-uniform",
    "title": "Attention nearest to uniform",
    "citation": "control",
    "needs": ["attention"],
    "options": {
        "epsilon": {
            "type": "number",
            "default": 0.01,
            "exclusiveMinimum": 0,
            "maximum": 1,
            "description": "Largest total variation distance to the prediction under the learned attention.",
        }
    },
    "columns": {
        "kl_uniform": {
            "description": "Divergence from uniform of the nearest attention at (nearly) the same prediction, in nats "
            "over ln L: 0 where uniform attention does, 1 where one token alone does",
            "range": [0.0, 1.0],
            "direction": "higher: the prediction needs concentrated attention",
            "undefined": "more than two classes, or pairs",
        },
        "kl_uniform_learned": {
            "description": "The same of the learned attention",
            "range": [0.0, 1.0],
            "direction": "higher: the learned attention is more concentrated",
        },
    },
}


class NearestUniform(Experiment):
    """Least divergence from uniform within `epsilon`, and the attention that has it."""

    def __init__(self, model: Classifier, *, seed: int, epsilon: float = 0.01) -> None:
        super().__init__(model, seed=seed)
        self.epsilon = epsilon

    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """Exact to the precision of a bisection in float64."""
        examples = fixed_together(self.model, batch)
        found = [self._nearest(example) for example in examples]
        return {
            "prediction": np.array([example.prediction for example in examples]),
            "kl_uniform": np.array([np.nan if weights is None else concentration(weights) for weights in found]),
            "kl_uniform_learned": np.array([concentration(example.weights) for example in examples]),
            "weights": found,
        }

    def _nearest(self, example: FixedExample) -> Floats | None:
        if example.values is None or not example.is_binary:
            return None
        return nearest_to_uniform(example.values[:, 0], interval(example, self.epsilon))


def concentration(weights: Floats) -> float:
    """(ln L - entropy) / ln L of attention (L,), in [0, 1]; 0 with one token or none."""
    if len(weights) < 2:
        return 0.0
    held = weights[weights > 0]
    return float(np.clip(1.0 + held @ np.log(held) / np.log(len(weights)), 0.0, 1.0))
