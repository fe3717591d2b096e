"""How much of the word at its place a state still holds: a linear probe that recovers the word from h_t.

A multinomial logistic regression from the state to the most frequent words of train is fitted on a sample of train and
asked on test, at the places of these words. Tutek and Snajder (2020) hold that attention can only be about input words
where states retain them.

For any q, I(W; H) >= H(W) - E[-ln q(W | H)] (Barber and Agakov 2003): the probe bounds the mutual information of word
and state from below. W is drawn by drawing a text of test, and one of its known words: under this draw, with p the
frequencies of words, the mean over texts of

    information = mean_t ln q(w_t | h_t) - ln p(w_t)       entropy = mean_t -ln p(w_t)

is the bound and H(W), which it cannot exceed. (Over the texts of one predicted class it is not a bound of that class.)
The control is the same probe fitted to the words of the sample in random order: its information is 0 or less, its
accuracy at most about that of guessing the commonest word.

States are standardised by the sample's mean and standard deviation; the penalty is the one that says most of a fifth of
the sampled texts, on which it is not fitted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnexplain.data.batching import Batch, TokenisedSplit, bucketed
from attnexplain.data.special_tokens import SPECIALS
from attnexplain.experiments.base import Columns
from attnexplain.experiments.fitted import Fitted
from attnexplain.experiments.logistic import Logistic, fit_best
from attnexplain.models.classifier import Classifier
from attnexplain.models.evaluation import evaluation
from attnexplain.models.memory import Budget
from attnexplain.seeding import generator

FACTS = {
    "name": "probe",
    "title": "Words recovered from states",
    "citation": "after Tutek and Snajder (2020); bound: Barber and Agakov (2003)",
    "needs": ["train"],
    "options": {
        "words": {
            "type": "integer",
            "default": 1000,
            "minimum": 2,
            "description": "Most frequent words of train, which the probe tells apart; others are left out. A few "
            "hundred are recovered from almost any states; time grows with them.",
        },
        "tokens": {
            "type": "integer",
            "default": 10000,
            "minimum": 1,
            "description": "Tokens of train to fit on: those of whole texts, drawn at random until there are so many.",
        },
    },
    "columns": {
        "accuracy": {
            "description": "Share of a text's words that the probe recovers from their states",
            "range": [0.0, 1.0],
            "direction": "higher: the states retain the words",
            "undefined": "no token of the text is among the probe's words",
        },
        "accuracy_control": {
            "description": "The same of a probe fitted to shuffled words",
            "range": [0.0, 1.0],
            "direction": "neither: about what guessing the commonest word gives, or less",
            "undefined": "no token of the text is among the probe's words",
        },
        "information": {
            "description": "Nats per word that the probe finds in the states; its mean over texts bounds the mutual "
            "information of word and state from below",
            "range": [None, None],
            "direction": "higher: the states retain the words",
            "undefined": "no token of the text is among the probe's words",
        },
        "information_control": {
            "description": "The same of a probe fitted to shuffled words",
            "range": [None, None],
            "direction": "neither: 0 or less, but for chance",
            "undefined": "no token of the text is among the probe's words",
        },
        "entropy": {
            "description": "Nats per word that there are to find: the mean over texts is the entropy of the words",
            "range": [0.0, None],
            "direction": "neither: it is of the texts, not of the model",
            "undefined": "no token of the text is among the probe's words",
        },
    },
}

PENALTIES = (100.0, 10.0, 1.0, 0.1, 0.01, 1e-3, 1e-4, 1e-5)  # the first leaves little but the frequencies
FIFTH = 5

Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Words:
    """Which words a probe tells apart: `place` of each id of the vocabulary (V,), -1 for others; `count` of them."""

    place: Integers
    count: int

    def of(self, token_ids: Integers) -> Integers:
        """Places of ids of any shape; -1 where a token is none of the words."""
        inside = token_ids < len(self.place)
        return np.asarray(np.where(inside, self.place[np.where(inside, token_ids, 0)], -1))


@dataclass(frozen=True)
class Probes:
    """The probe and its control; states are standardised by center and scale (H,); surprise (words,) is -ln p."""

    words: Words
    center: Tensor
    scale: Tensor
    real: Logistic
    control: Logistic
    surprise: Tensor


class Probe(Fitted):
    """Accuracy and information of a linear probe of words, and of its control."""

    _probes: Probes | None  # of `fit`; None where train has none of the words

    def __init__(self, model: Classifier, *, seed: int, words: int = 1000, tokens: int = 10000) -> None:
        super().__init__(model, seed=seed)
        self.words = words
        self.tokens = tokens

    def fit(self, train: TokenisedSplit, test: TokenisedSplit, budget: Budget) -> None:
        """Choose the words, read the states of a sample of train, fit both probes; of `test` words alone are read."""
        words = most_frequent(train, self.words)
        chosen = sample(train, words, self.tokens, generator(self.seed, "sampling", "probe", "texts"))
        self._probes = None
        if len(chosen):
            self._probes = self._fitted(words, *self._states(train, chosen, words, budget), surprise(test, words))

    @torch.no_grad()
    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """One forward pass, and the probes at the places of their words."""
        output = self.model(batch)
        found = asked(self._probes, batch, output.states) if self._probes else {}
        nothing = np.full(len(batch.index), np.nan)
        return {
            "prediction": self.model.probabilities(output.logits).argmax(dim=-1).cpu().numpy(),
            **{name: found.get(name, nothing) for name in FACTS["columns"]},
        }

    @torch.no_grad()
    def _states(
        self, train: TokenisedSplit, chosen: Integers, words: Words, budget: Budget
    ) -> tuple[Integers, Tensor, Tensor]:
        """Of every known word of the chosen examples: its example (N,), its state (N, H) and its class (N,).

        By example, in the order of the split, then by place, whatever the batches were.
        """

        def read(pieces: Sequence[Batch]) -> list[tuple[Tensor, Tensor, Tensor]]:
            found = [(piece, *known(piece, self.model(piece).states, words)) for piece in pieces]
            return [(piece.index[row].cpu(), states.cpu(), classes.cpu()) for piece, row, states, classes in found]

        parts = []
        with evaluation(self.model):
            for batch in bucketed(train, chosen, budget.positions):
                parts += budget.spend(batch.to(self.model.embedding.weight.device), read)
        example, states, classes = (torch.cat(part) for part in zip(*parts, strict=True))
        order = example.argsort(stable=True)
        return example[order].numpy(), states[order], classes[order]

    def _fitted(self, words: Words, example: Integers, states: Tensor, classes: Tensor, surprise: Floats) -> Probes:
        device = self.model.embedding.weight.device
        inputs, classes = states.to(device).double(), classes.to(device)
        center, spread = inputs.mean(dim=0), inputs.std(dim=0, correction=0)
        scale = torch.where(spread > 0, spread, 1.0)  # a state that never changes says nothing
        inputs = (inputs - center) / scale
        held = torch.from_numpy(np.unique(example, return_inverse=True)[1] % FIFTH == FIFTH - 1).to(device)
        order = generator(self.seed, "sampling", "probe", "control").permutation(len(classes))
        shuffled = classes[torch.from_numpy(order).to(device)]
        real, control = (fit_best(inputs, labels, words.count, held, PENALTIES) for labels in (classes, shuffled))
        return Probes(words, center, scale, real, control, torch.from_numpy(surprise).to(device))


def asked(probes: Probes, batch: Batch, states: Tensor) -> dict[str, Floats]:
    """All columns (B,) of a batch with states (B, T, H)."""
    row, states, classes = known(batch, states, probes.words)
    inputs = (states.double() - probes.center) / probes.scale
    surprise = probes.surprise[classes]
    values = {"entropy": surprise}
    for suffix, probe in (("", probes.real), ("_control", probes.control)):
        log_q, hit = probe.scores(inputs, classes) if len(classes) else (surprise, surprise)
        values |= {f"accuracy{suffix}": hit.double(), f"information{suffix}": log_q + surprise}
    return {name: _means(row, value, len(batch.index)) for name, value in values.items()}


def most_frequent(train: TokenisedSplit, count: int) -> Words:
    """The `count` words that stand most often in train, or all; ties go to the lower id; special tokens are none."""
    ids = np.concatenate([np.empty(0, np.int64), *train.token_ids])
    frequency = np.bincount(ids, minlength=len(SPECIALS))
    frequency[: len(SPECIALS)] = 0
    order = np.argsort(-frequency, kind="stable")[:count]
    order = order[frequency[order] > 0]
    place = np.full(len(frequency), -1)
    place[order] = np.arange(len(order))
    return Words(place, len(order))


def sample(train: TokenisedSplit, words: Words, tokens: int, random: np.random.Generator) -> Integers:
    """Positions of examples with known words, in random order, until they hold `tokens` of these or there is none."""
    counts = np.array([(words.of(ids) >= 0).sum() for ids in train.token_ids])
    order = random.permutation(len(counts))
    order = order[counts[order] > 0]
    before = np.cumsum(counts[order]) - counts[order]
    return np.asarray(order[before < tokens])


def surprise(test: TokenisedSplit, words: Words) -> Floats:
    """-ln p (words,) of a word drawn by drawing an example that has known words, and one of these; inf for others."""
    total, n_examples = np.zeros(words.count), 0
    for ids in test.token_ids:
        found = words.of(ids)
        found = found[found >= 0]
        if len(found):
            total += np.bincount(found, minlength=words.count) / len(found)
            n_examples += 1
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(total / max(1, n_examples)))


def known(batch: Batch, states: Tensor, words: Words) -> tuple[Tensor, Tensor, Tensor]:
    """Of the known words of a batch with states (B, T, H): row (N,) in the batch, state (N, H), class (N,)."""
    places = torch.from_numpy(words.of(batch.token_ids.cpu().numpy())).to(batch.token_ids.device)
    inside = batch.attended & (places >= 0)
    return inside.nonzero()[:, 0], states[inside], places[inside]


def _means(row: Tensor, values: Tensor, n_rows: int) -> Floats:
    """Mean of values (N,) per row (n_rows,); NaN without any."""
    rows = row.cpu().numpy()
    count = np.bincount(rows, minlength=n_rows)
    total = np.bincount(rows, values.cpu().numpy(), minlength=n_rows)
    return np.asarray(np.divide(total, count, out=np.full(n_rows, np.nan), where=count > 0))
