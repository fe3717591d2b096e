"""The adversary of Jain and Wallace (2019), algorithm 3, answered exactly where its answer is known.

Of all attention over the real tokens that moves the prediction by epsilon at most (total variation, states fixed),
the one farthest from the learned attention (Jensen-Shannon divergence, nats). docs/adversary.md states and proves:
- two classes, linear decoder: exact, by enumeration of single tokens and pairs of tokens;
- more classes, linear decoder: the least of the exact answers to two classes' necessary interval bounds it;
- three classes, linear decoder, texts that are not long: a polygon around the admissible predictions bounds it;
- other decoders: the farthest single token bounds it.
A bound that is attained by an admissible attention is exact. Beside a bound that is not stands what a search found,
which is admissible. The divergence is of the learned attention in float64, divided by its sum; the prediction is
decoded again in float64.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from attnexplain.data.batching import Batch
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.experiments.farthest import farthest, farthest_of_all, farthest_of_each
from attnexplain.experiments.fixed import FixedExample, Floats, fixed_examples, fixed_together, is_binary
from attnexplain.experiments.slab import positive, slab
from attnexplain.experiments.supports import search
from attnexplain.experiments.triples import LONGEST, farthest_within
from attnexplain.models.classifier import Classifier
from attnexplain.seeding import generator

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
        "jsd_found": {
            "description": "Largest divergence of an attention that is known to be admissible: jsd_max where that is "
            "exact, otherwise what a search found, a bound from below",
            "range": [0.0, 0.6931471805599453],
            "direction": "higher: quite another attention gives the prediction too",
        },
        "tvd": {
            "description": "Distance of the prediction under the attention of jsd_found",
            "range": [0.0, 1.0],
            "direction": "neither: it is within epsilon",
        },
        "is_exact": {
            "type": "boolean",
            "description": "Whether jsd_max is the maximum; otherwise it bounds it from above",
            "range": [0, 1],
            "direction": "neither",
        },
        "kind": {
            "type": "string",
            "description": "What jsd_max is: the exact maximum, or a bound from above; jsd_found is then of a search",
            "values": ["exact", "bound"],
        },
        "jsd_ceiling": {
            "description": "Largest divergence from the learned attention of any attention, whatever it predicts",
            "range": [0.0, 0.6931471805599453],
            "direction": "neither: it depends on the length of the text and on how attention is spread",
        },
        "max_attention": {
            "description": "Largest learned attention weight",
            "range": [0.0, 1.0],
            "direction": "higher: the attention is more concentrated",
        },
    },
    "by": {"column": "max_attention", "edges": [0.0, 0.25, 0.5, 0.75, 1.0], "of": ["jsd_max", "jsd_found"]},
}

ROUNDING = 1e-12  # an end of what is admissible may lie so far beyond epsilon, and what attains a bound below it

Found = tuple[float, Floats]  # JSD, attention (L,)


@dataclass(frozen=True)
class Answer:
    """Of one example: the maximum or a bound, and the farthest attention (L,) known to be admissible, with its JSD."""

    jsd_max: float
    jsd_found: float
    attention: Floats
    tvd: float
    is_exact: bool


class AdversaryExact(Experiment):
    """Largest Jensen-Shannon divergence within `epsilon`, or bounds of it from both sides, with an attention."""

    def __init__(self, model: Classifier, *, seed: int, epsilon: float = 0.01) -> None:
        super().__init__(model, seed=seed)
        self.epsilon = epsilon

    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """Of two classes in one go; otherwise example by example, so that no search depends on the batch."""
        examples = (fixed_together if is_binary(self.model) else fixed_examples)(self.model, batch)
        found = self.answers(examples, example_ids)
        return {
            "prediction": np.array([example.prediction for example in examples]),
            "jsd_max": np.array([answer.jsd_max for answer in found]),
            "jsd_found": np.array([answer.jsd_found for answer in found]),
            "tvd": np.array([answer.tvd for answer in found]),
            "is_exact": np.array([answer.is_exact for answer in found]),
            "kind": ["exact" if answer.is_exact else "bound" for answer in found],
            "jsd_ceiling": np.array([farthest_of_all(example.weights)[0] for example in examples]),
            "max_attention": np.array([example.weights.max(initial=0.0) for example in examples]),
            "weights": [answer.attention for answer in found],
        }

    def answers(self, examples: Sequence[FixedExample], example_ids: Sequence[str]) -> list[Answer]:
        """Of examples of one model."""
        if examples and examples[0].is_binary:
            return self._binary(examples)
        return [self._answer(*one) for one in zip(examples, example_ids, strict=True)]

    def _binary(self, examples: Sequence[FixedExample]) -> list[Answer]:
        """The slab is the constraint itself."""
        v, bias = [_values(example) for example in examples], _bias(examples[0])
        z = np.array([example.weights @ one for example, one in zip(examples, v, strict=True)]) + bias
        found = farthest_of_each(
            [one.weights for one in examples], v, *slab(z, bias, positive(z), positive(-z), self.epsilon)
        )
        reached = np.array([attention @ one for attention, one in zip(found.attention, v, strict=True)]) + bias
        moved = 0.5 * (abs(positive(reached) - positive(z)) + abs(positive(-reached) - positive(-z)))
        rows = zip(found.distance.tolist(), found.attention, moved.tolist(), strict=True)
        return [Answer(distance, distance, attention, tvd, True) for distance, attention, tvd in rows]

    def _answer(self, example: FixedExample, example_id: str) -> Answer:
        """The bound where it is attained, otherwise the bound and what the search finds."""
        bound, attention = self._bound(example)
        moved = float(example.distance(attention[None])[0])
        if moved <= self.epsilon + ROUNDING:
            return Answer(bound, bound, attention, moved, True)
        random = generator(self.seed, "sampling", "adversary-exact", example_id)
        distance, attention = search(example, self.epsilon, attention, random)
        moved = float(example.distance(attention[None])[0])
        # Of sparse attention: any that shares no token with it is as far as can be, and a search may meet one.
        attained = distance >= bound - ROUNDING
        return Answer(max(bound, distance), max(bound, distance) if attained else distance, attention, moved, attained)

    def _bound(self, example: FixedExample) -> Found:
        """The answer, or that of a wider set: an upper bound."""
        if len(example.weights) < 2:
            return 0.0, example.weights.copy()
        if example.values is None or example.bias is None:
            return farthest_of_all(example.weights)
        found = [self._of_logit(example, *pair) for pair in _contrasts(example)]
        if example.values.shape[1] == 3 and len(example.weights) <= LONGEST:
            found.append(farthest_within(example.weights, example.values + example.bias, self.epsilon))
        return min(found, key=lambda one: one[0])

    def _of_logit(self, example: FixedExample, v: Floats, bias: float, p: float, q: float) -> Found:
        z = float(example.weights @ v) + bias
        return farthest(example.weights, v, slab(z, bias, p, q, self.epsilon))


def _values(example: FixedExample) -> Floats:
    """Of two classes what each token (L,) adds to the logit."""
    assert example.values is not None
    return example.values[:, 0]


def _bias(example: FixedExample) -> float:
    assert example.bias is not None
    return float(example.bias[0])


def _contrasts(example: FixedExample) -> list[tuple[Floats, float, float, float]]:
    """Every log(p_s / p_t) of k > 2 classes as v, bias, p_s, p_t: k (k - 1) / 2 of them."""
    values, bias = example.values, example.bias
    assert values is not None and bias is not None
    p = example.probabilities(example.weights[None])[0].tolist()
    return [
        (values[:, s] - values[:, t], float(bias[s] - bias[t]), p[s], p[t]) for s, t in combinations(range(len(p)), 2)
    ]
