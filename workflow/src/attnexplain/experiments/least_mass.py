"""The least attention that some words must be given for (nearly) the same prediction: evidence, or words of a list.

Of all attention over the real tokens whose prediction is within epsilon (total variation, states fixed), the least sum
over these words. For two classes and a linear decoder the constraint is an interval for a . v, and the answer is exact
(docs/adversary.md). Undefined with other decoders, and where a text has none of the words or no other.

With the words that `deceptive` (Pruthi et al. 2020) calls impermissible, `least_mass` under the model without it says
how far attention could have left them without any training, `learned_mass` under the model with it how far it did.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attnexplain.data.batching import Batch
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.experiments.fixed import FixedExample, fixed_together, interval
from attnexplain.experiments.slab import least_mass
from attnexplain.models.classifier import Classifier

FACTS = {
    "name": "least-mass",
    "title": "Least attention on evidence, or on words of a list",
    "citation": "control; impermissible mass after Pruthi et al. (2020)",
    "needs": ["attention", "evidence", "vocabulary"],
    "options": {
        "epsilon": {
            "type": "number",
            "default": 0.01,
            "exclusiveMinimum": 0,
            "maximum": 1,
            "description": "Largest total variation distance to the prediction under the learned attention.",
        },
        "words": {
            "type": "string",
            "default": None,
            "nullable": True,
            "description": "Words as the tokeniser has them, with spaces between, in the place of evidence; null: the "
            "evidence.",
        },
    },
    "columns": {
        "least_mass": {
            "description": "Least mass on evidence (or the words) of any attention at (nearly) the same prediction",
            "range": [0.0, 1.0],
            "direction": "higher: the prediction needs attention there",
            "undefined": "more than two classes, pairs, none of the words, or no others",
        },
        "learned_mass": {
            "description": "Mass of the learned attention there",
            "range": [0.0, 1.0],
            "direction": "higher: attention lies there",
            "undefined": "none of the words, or no others",
        },
    },
}

THRESHOLD = 0.5  # a token is evidence when the mean weight over annotators is at least this


class LeastMass(Experiment):
    """Least mass on evidence, or on `words`, within `epsilon`."""

    def __init__(self, model: Classifier, *, seed: int, epsilon: float = 0.01, words: str | None = None) -> None:
        super().__init__(model, seed=seed)
        self.epsilon = epsilon
        self.words = None if words is None else words.split()
        self.token_ids: list[int] = []

    def know(self, vocabulary: Mapping[str, int]) -> None:
        """Look the words up; a data set may have none of them, which leaves its texts undefined."""
        self.token_ids = sorted({vocabulary[word] for word in self.words or () if word in vocabulary})

    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """Exact, O(L) per example."""
        examples = fixed_together(self.model, batch)
        chosen = _evidence(batch) if self.words is None else self._listed(batch)
        pairs = list(zip(examples, chosen, strict=True))
        return {
            "prediction": np.array([example.prediction for example in examples]),
            "least_mass": np.array([self._least(example, words) for example, words in pairs]),
            "learned_mass": np.array([_learned(example, words) for example, words in pairs]),
        }

    def _listed(self, batch: Batch) -> list[np.ndarray[Any, Any]]:
        """Per example which of its words (L,) bool are in the list."""
        listed, attended = np.isin(batch.token_ids.cpu().numpy(), self.token_ids), batch.attended.cpu().numpy()
        return [row[words] for row, words in zip(listed, attended, strict=True)]

    def _least(self, example: FixedExample, words: np.ndarray[Any, Any]) -> float:
        if example.values is None or not example.is_binary or not words.any() or words.all():
            return np.nan
        return least_mass(example.values[:, 0], words, interval(example, self.epsilon))


def _learned(example: FixedExample, words: np.ndarray[Any, Any]) -> float:
    defined = words.any() and not words.all()
    return float(np.clip(example.weights[words].sum(), 0.0, 1.0)) if defined else np.nan


def _evidence(batch: Batch) -> list[np.ndarray[Any, Any]]:
    """Per example which of its words (L,) bool are evidence; none where it is not annotated."""
    attended = batch.attended.cpu().numpy()
    if batch.evidence is None:
        return [np.zeros(words.sum(), dtype=bool) for words in attended]
    pairs = zip(batch.evidence.cpu().numpy(), attended, strict=True)
    return [row[words] >= THRESHOLD for row, words in pairs]
