"""The adversary of Jain and Wallace (2019), algorithm 3, answered exactly where its answer is known.

Of all attention over the real tokens that moves the prediction by epsilon at most (total variation, states fixed),
the one farthest from the learned attention (Jensen-Shannon divergence, nats). docs/adversary.md states and proves:
- two classes, linear decoder: exact, by enumeration of single tokens and pairs of tokens;
- more classes, linear decoder: the least of the exact answers to two classes' necessary interval bounds it;
- other decoders: the farthest single token bounds it.
A bound that is attained by an admissible attention is exact. The divergence is of the learned attention in float64,
divided by its sum; the prediction is decoded again in float64.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from attnexplain.data.batching import Batch
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.experiments.fixed import FixedExample, Floats, fixed_examples
from attnexplain.experiments.slab import farthest, slab
from attnexplain.models.classifier import Classifier

FACTS = {
    "name": "adversary-exact",
    "title": "Farthest attention, exact or bounded",
    "citation": "Jain and Wallace (2019), algorithm 3, solved exactly",
    "needs": ["attention"],
    "options": {
        "epsilon": {
            "type": "number",
            "default": 0.01,
            "exclusiveMinimum": 0,
            "maximum": 1,
            "description": "Largest total variation distance to the prediction under the learned attention; the "
            "published search aims at 0.01, the published selection admits 0.05.",
        }
    },
    "columns": {
        "jsd_max": {
            "description": "Largest divergence from the learned attention at (nearly) the same prediction, or a bound",
            "range": [0.0, 0.6931471805599453],
            "direction": "higher: quite another attention gives the prediction too",
        },
        "tvd": {
            "description": "Distance of the prediction under the attention found; undefined for a bound",
            "range": [0.0, 1.0],
            "direction": "neither: it is within epsilon",
            "undefined": "kind is bound",
        },
        "is_exact": {
            "type": "boolean",
            "description": "Whether jsd_max is the maximum; otherwise it bounds it from above",
            "range": [0, 1],
            "direction": "neither",
        },
        "kind": {"type": "string", "description": "What jsd_max is", "values": ["exact", "bound"]},
    },
}

Found = tuple[float, Floats]  # JSD, attention (L,)


class AdversaryExact(Experiment):
    """Largest Jensen-Shannon divergence within `epsilon`, with the attention that has it where that is known."""

    def __init__(self, model: Classifier, *, seed: int, epsilon: float = 0.01) -> None:
        super().__init__(model, seed=seed)
        self.epsilon = epsilon

    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """Example by example; O(L^2) for each pair of classes."""
        examples = list(fixed_examples(self.model, batch))
        found = [self._bound(example) for example in examples]
        moved = [float(example.distance(a[None])[0]) for example, (_, a) in zip(examples, found, strict=True)]
        # With two classes the slab is the constraint itself; an end of it may round to just beyond epsilon.
        exact = [example.is_binary or tvd <= self.epsilon for example, tvd in zip(examples, moved, strict=True)]
        return {
            "prediction": np.array([example.prediction for example in examples]),
            "jsd_max": np.array([distance for distance, _ in found]),
            "tvd": np.where(exact, moved, np.nan),
            "is_exact": np.array(exact),
            "kind": ["exact" if known else "bound" for known in exact],
            "weights": [a if known else None for known, (_, a) in zip(exact, found, strict=True)],
        }

    def _bound(self, example: FixedExample) -> Found:
        """The answer, or that of a wider set: an upper bound."""
        if len(example.weights) < 2:
            return 0.0, example.weights.copy()
        if example.values is None or example.bias is None:
            return farthest(example.weights, np.zeros(len(example.weights)), (-np.inf, np.inf))
        return min((self._of_logit(example, *pair) for pair in _contrasts(example)), key=lambda found: found[0])

    def _of_logit(self, example: FixedExample, v: Floats, bias: float, p: float, q: float) -> Found:
        z = float(example.weights @ v) + bias
        return farthest(example.weights, v, slab(z, bias, p, q, self.epsilon))


def _contrasts(example: FixedExample) -> list[tuple[Floats, float, float, float]]:
    """Every log(p_s / p_t) as v, bias, p_s, p_t: one for two classes, k (k - 1) / 2 for k classes."""
    values, bias = example.values, example.bias
    assert values is not None and bias is not None
    p = example.probabilities(example.weights[None])[0].tolist()
    if example.is_binary:
        return [(values[:, 0], float(bias[0]), p[1], p[0])]
    return [
        (values[:, s] - values[:, t], float(bias[s] - bias[t]), p[s], p[t]) for s, t in combinations(range(len(p)), 2)
    ]
