"""Erased attention: Serrano and Smith (2019), single weights and sets of them; states fixed.

A weight is erased by setting it to zero and dividing the rest by its sum; where nothing is left, attention is zero
everywhere and the decoder's biases (of a pair, with the question) decide. A decision is the class of the largest
probability.

Single weights: the largest weight, the first of equals, beside another word's drawn at random, `draws` times. The four
shares of decision flips are over the draws of a text. McNemar's test wants one pair per text: `flip_difference_first`
is that of the first draw.

Sets: words are erased in the order of a ranking, the highest first and equals in the order of the text, until the
decision changes; the value is the share of the text's words that are gone by then. Rankings are attention, gradient,
their product, and a random order. Gradient is the derivative of the predicted class's probability by a weight, signed,
at the learned weights, each weight a free variable. (Along the simplex all derivatives of a text are less by one
number: the ranking by gradient is the same, that by the product would not be.) A weight of zero, as sparse attention
gives, is erased without any effect, but counts as a word.

At a share of 1 there is no attention left: of two classes the bias then decides, alike for all texts, so that many
decisions flip there and nowhere before. A decision that stays even then has no share, as in the paper; `never_flips`
says how often. With `unflipped: 1` such a text counts in full, as in the importance ranking of Mohankumar et al. (2020;
they count <sos> and <eos> as words too), and shares of models that leave out different texts can be compared.

Texts of fewer than two words are left out, as in the paper.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from attnexplain.data.batching import Batch
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.experiments.fixed import FixedExample, Floats, fixed_together
from attnexplain.experiments.orders import orders
from attnexplain.experiments.redecoding import answers, gradients, parts, predictions
from attnexplain.experiments.slab import jensen_shannon
from attnexplain.models.classifier import Classifier
from attnexplain.seeding import generator

FACTS = {
    "name": "erasure",
    "title": "Erased attention",
    "citation": "Serrano and Smith (2019)",
    "needs": ["attention"],
    "options": {
        "draws": {
            "type": "integer",
            "default": 5,
            "minimum": 1,
            "description": "Random other words per example that the largest weight is compared with.",
        },
        "unflipped": {
            "type": "number",
            "default": None,
            "nullable": True,
            "minimum": 0,
            "maximum": 1,
            "description": "Share of removed words where the decision never changes: null leaves the text out "
            "(Serrano and Smith), 1 counts it in full (Mohankumar et al. 2020).",
        },
    },
    "mcnemar": ["flip_difference_first"],
    "columns": {
        "flip_top": {
            "description": "Whether the decision flips without the largest weight",
            "range": [0.0, 1.0],
            "direction": "higher: the decision needs the most attended word",
            "undefined": "fewer than two words",
        },
        "flip_random": {
            "description": "How often it flips without the weight of another word, at random",
            "range": [0.0, 1.0],
            "direction": "neither",
            "undefined": "fewer than two words",
        },
        "flip_both": {
            "description": "How often both flip it",
            "range": [0.0, 1.0],
            "direction": "neither",
            "undefined": "fewer than two words",
        },
        "flip_only_top": {
            "description": "How often only the largest weight flips it",
            "range": [0.0, 1.0],
            "direction": "higher: attention finds what the decision needs",
            "undefined": "fewer than two words",
        },
        "flip_only_random": {
            "description": "How often only the other weight flips it",
            "range": [0.0, 1.0],
            "direction": "lower: attention finds what the decision needs",
            "undefined": "fewer than two words",
        },
        "flip_neither": {
            "description": "How often neither flips it",
            "range": [0.0, 1.0],
            "direction": "neither",
            "undefined": "fewer than two words",
        },
        "flip_difference": {
            "description": "flip_top less flip_random",
            "range": [-1.0, 1.0],
            "direction": "higher: attention finds what the decision needs",
            "undefined": "fewer than two words",
            "null": 0.0,
        },
        "flip_difference_first": {
            "description": "The same at the first draw alone: 1 only the largest weight flips it, -1 only the other",
            "range": [-1.0, 1.0],
            "direction": "neither: flip_difference without the other draws",
            "undefined": "fewer than two words",
        },
        "js_difference": {
            "description": "Divergence of the prediction without the largest weight, less that without another, in "
            "nats, averaged over draws",
            "range": [-0.6931471805599453, 0.6931471805599453],
            "direction": "higher: attention finds what the prediction needs",
            "undefined": "fewer than two words",
        },
        "weight_difference": {
            "description": "The largest weight less the other one, averaged over draws",
            "range": [0.0, 1.0],
            "direction": "neither",
            "undefined": "fewer than two words",
        },
        "removed_attention": {
            "description": "Share of words removed until the decision flips, by attention",
            "range": [0.0, 1.0],
            "direction": "lower: attention finds what the decision needs",
            "undefined": "fewer than two words, or it never flips",
        },
        "removed_gradient": {
            "description": "The same by the gradient of the predicted class with respect to the weights",
            "range": [0.0, 1.0],
            "direction": "neither",
            "undefined": "fewer than two words, or it never flips",
        },
        "removed_gradient_x_attention": {
            "description": "The same by that gradient times the weight",
            "range": [0.0, 1.0],
            "direction": "neither",
            "undefined": "fewer than two words, or it never flips",
        },
        "removed_random": {
            "description": "The same in a random order",
            "range": [0.0, 1.0],
            "direction": "neither",
            "undefined": "fewer than two words, or it never flips",
        },
        "never_flips": {
            "description": "Share of the four rankings by which it never flips, even when every weight is gone",
            "range": [0.0, 1.0],
            "direction": "neither",
            "undefined": "fewer than two words",
        },
    },
}

SINGLE = (
    *("flip_top", "flip_random", "flip_both", "flip_only_top", "flip_only_random", "flip_neither"),
    *("flip_difference", "flip_difference_first", "js_difference", "weight_difference"),
)
RANKINGS = ("attention", "gradient", "gradient_x_attention", "random")

Integers = np.ndarray[Any, np.dtype[np.intp]]


class Erasure(Experiment):
    """What a decision does when the attention on single words, or on more and more of them, is taken away."""

    def __init__(self, model: Classifier, *, seed: int, draws: int = 5, unflipped: float | None = None) -> None:
        super().__init__(model, seed=seed)
        self.draws = draws
        self.unflipped = np.nan if unflipped is None else unflipped

    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """One forward pass; all that follows is decoded in float64, O(L) mixtures per text."""
        examples = fixed_together(self.model, batch)
        prediction = np.array([example.prediction for example in examples])
        return {"prediction": prediction, **self._single(examples, example_ids), **self._sets(examples, example_ids)}

    def _single(self, examples: Sequence[FixedExample], example_ids: Sequence[str]) -> Columns:
        chosen = [self._chosen(*one) for one in zip(examples, example_ids, strict=True)]
        attention = [erased(example.weights, words) for example, words in zip(examples, chosen, strict=True)]
        decoded = predictions(examples, attention)
        found = [
            _compared(probability, example.weights[words])
            for probability, example, words in zip(decoded, examples, chosen, strict=True)
        ]
        return dict(zip(SINGLE, np.array(found).T, strict=True))

    def _chosen(self, example: FixedExample, example_id: str) -> Integers:
        """Place of the largest weight, then those of other words (1 + D,); none in a text of fewer than two words."""
        length = len(example.weights)
        if length < 2:
            return np.empty(0, np.intp)
        top = example.weights.argmax()
        others = self._random("single", example_id).integers(length - 1, size=self.draws)
        return np.concatenate([[top], others + (others >= top)])

    def _sets(self, examples: Sequence[FixedExample], example_ids: Sequence[str]) -> Columns:
        together = zip(examples, gradients(examples), example_ids, strict=True)
        mixed = [self._emptied(*one) for one in together]
        found = [_shares(row, len(x.weights)) for row, x in zip(answers(examples, mixed), examples, strict=True)]
        shares = np.array(found)  # (N, rankings): infinite where it never flips
        never = np.where(np.isnan(shares).any(axis=1), np.nan, np.isinf(shares).mean(axis=1))
        shares = np.where(np.isinf(shares), self.unflipped, shares)
        columns = {f"removed_{name}": shares[:, place] for place, name in enumerate(RANKINGS)}
        return {**columns, "never_flips": never}

    def _emptied(self, example: FixedExample, gradient: Floats, example_id: str) -> Floats:
        """The learned mixture, then those of every ranking with 1, 2 ... L words gone: (1 + 4 L, K)."""
        weights, values = example.weights, parts(example)
        rankings = [(-scores).argsort(kind="stable") for scores in (weights, gradient, gradient * weights)]
        rankings.append(orders(self._random("sets", example_id), 1, len(weights))[0])
        return np.concatenate([weights[None] @ values, *(emptied(weights, values, one) for one in rankings)])

    def _random(self, what: str, example_id: str) -> np.random.Generator:
        return generator(self.seed, "sampling", "erasure", what, example_id)


def erased(weights: Floats, words: Integers) -> Floats:
    """Weights (L,), then without the weight of each of `words` (D,) by itself, the rest renormalised: (1 + D, L)."""
    rows = np.tile(weights, (1 + len(words), 1))
    rows[1 + np.arange(len(words)), words] = 0.0
    left = rows.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(rows, left, out=np.zeros_like(rows), where=left > 0))


def emptied(weights: Floats, values: Floats, order: Integers) -> Floats:
    """Mixtures (L, K) of values (L, K) under renormalised weights (L,), the first 1, 2 ... L words of `order` gone."""
    held = weights[order, None]
    left = np.cumsum(np.concatenate([held, held * values[order]], axis=1)[::-1], axis=0)[::-1]
    left = np.concatenate([left[1:], np.zeros((min(1, len(held)), left.shape[1]))])
    return np.asarray(np.divide(left[:, 1:], left[:, :1], out=np.zeros_like(values), where=left[:, :1] > 0))


def _compared(probability: Floats, weights: Floats) -> list[float]:
    """The columns SINGLE of one text; probabilities (2 + D, C) are the learned, without the top word, without others.

    `weights` (1 + D,) are those that were erased.
    """
    if not len(weights):
        return [np.nan] * len(SINGLE)
    decision = probability.argmax(axis=1)
    flips = (decision[1:] != decision[0]).astype(np.float64)
    top, other = flips[0], flips[1:]
    moved = jensen_shannon(probability[1:], probability[0])
    four = [top * other, top * (1.0 - other), (1.0 - top) * other, (1.0 - top) * (1.0 - other)]
    further = (moved[0] - moved[1:]).mean(), (weights[0] - weights[1:]).mean()
    return [top, other.mean(), *(cell.mean() for cell in four), (top - other).mean(), top - other[0], *further]


def _shares(probability: Floats, length: int) -> list[float]:
    """Per ranking the share of `length` words gone at the first flip; probabilities (1 + 4 L, C) are as emptied.

    Infinite where there is none, NaN in a text of fewer than two words.
    """
    if length < 2:
        return [np.nan] * len(RANKINGS)
    decision = probability.argmax(axis=1)
    flips = (decision[1:] != decision[0]).reshape(len(RANKINGS), length)
    return list(np.where(flips.any(axis=1), (1 + flips.argmax(axis=1)) / length, np.inf))
