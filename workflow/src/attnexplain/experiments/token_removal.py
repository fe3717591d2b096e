"""Decision flips by token removal: Chrysostomou and Aletras (2021).

A text's words are taken out in the order of a method's scores, the highest first, and the rest is read anew, until
another class is predicted: first one word, then `step` of the text's words at a time (rounded, at least one), at last
all of them. The fewer words must go, the more faithful the ranking. Unlike erasure of attention weights, this leaves no
state as it was.

`delete` takes the words out of the text, as leave-one-out does: the shorter text is encoded and attended anew, and
nothing is left of a text but <sos> and <eos>, whose prediction is the decoder's bias. `zero` is the published removal:
the text keeps its length, the words' embeddings become those of padding and attention passes them over. The published
code takes 2 % of the longest text of a batch as its step, ranks signed scores, and counts a text that never flips with
the fraction 1; without any word left its prediction is not a number, here it is that of no context. Words with equal
scores go in a random order, the same for all methods.

Signed scores put words that speak for the class first and words that speak against it last; attention, leave-one-out
and magnitudes of gradients cannot tell them apart and remove both. With `sign: absolute` no method can.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.data.special_tokens import PAD
from attnexplain.experiments.base import Columns
from attnexplain.experiments.explained import Explained, Scores
from attnexplain.models.classifier import Classifier
from attnexplain.models.memory import Budget
from attnexplain.models.question import Query
from attnexplain.seeding import generator

FACTS = {
    "name": "token-removal",
    "title": "Decision flip by token removal",
    "citation": "Chrysostomou and Aletras (2021)",
    "needs": [],
    "reads": "attributions",
    "options": {
        "methods": {
            "type": "plugins",
            "family": "method",
            "default": [
                "attention",
                "attention-gradient",
                "attention-x-gradient",
                "gradient",
                "input-x-gradient",
                "integrated-gradients",
                "leave-one-out",
                "random",
            ],
            "description": "Attribution methods whose rankings words are removed by; run where the study lacks them.",
        },
        "how": {
            "type": "string",
            "default": "delete",
            "enum": ["delete", "zero"],
            "description": "Take words out of the text (delete), or put padding in their place (zero, as published).",
        },
        "sign": {
            "type": "string",
            "default": "signed",
            "enum": ["absolute", "signed"],
            "description": "Rank by the scores themselves (signed, as published) or by their magnitudes (absolute).",
        },
        "step": {
            "type": "number",
            "default": 0.02,
            "exclusiveMinimum": 0,
            "maximum": 1,
            "description": "Share of a text's words removed at a time after the first, one word at least.",
        },
    },
    "columns": {
        "flip_first": {
            "description": "Whether the decision flips without the word that is ranked first",
            "range": [0.0, 1.0],
            "direction": "higher: the first word of the ranking decides more often",
            "undefined": "no words",
        },
        "fraction": {
            "description": "Share of the words removed when the decision flips, 1 if it never does",
            "range": [0.0, 1.0],
            "direction": "lower: fewer words of the ranking carry the decision",
            "undefined": "no words",
        },
        "never": {
            "description": "Whether the decision never flips, not even without any word",
            "range": [0.0, 1.0],
            "direction": "lower: the ranking finds words that carry the decision",
            "undefined": "no words",
        },
    },
}

Integers = np.ndarray[Any, np.dtype[np.int64]]


class TokenRemoval(Explained):
    """Words removed, in the order of each of the `methods`, until the decision flips."""

    def __init__(
        self,
        model: Classifier,
        *,
        seed: int,
        methods: Sequence[str],
        how: str = "delete",
        sign: str = "signed",
        step: float = 0.02,
    ) -> None:
        super().__init__(model, seed=seed)
        self.methods, self.sign, self.step = methods, sign, step
        self._shorten = {"delete": deleted, "zero": zeroed}[how]

    def read(self, scores: Mapping[str, Scores], budget: Budget) -> None:
        """Keep the scores, and to the positions of the budget."""
        self._scores, self._budget = scores, budget

    @torch.no_grad()
    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """Step by step, over those rankings of those texts under which the decision has not flipped yet."""
        query = self.model.query(batch)
        prediction = self._predicted(batch, query)
        lengths = batch.attended.sum(dim=1).cpu().numpy()  # (B,)
        turns = torch.from_numpy(self._turns(batch, lengths, example_ids)).to(batch.token_ids.device)
        removed = self._removed(batch, query, prediction, turns, lengths)  # (B, M), 0 if the decision never flips
        share = np.divide(removed, lengths[:, None], out=np.ones(removed.shape), where=removed > 0)
        columns = {"flip_first": removed == 1, "fraction": share, "never": removed == 0}
        known = lengths[:, None] > 0
        return {
            "prediction": prediction.cpu().numpy(),
            **{name: np.where(known, values, np.nan).astype(np.float64) for name, values in columns.items()},
        }

    def _predicted(self, batch: Batch, query: Query | None) -> Tensor:
        """Predicted classes (B,)."""
        return self.model.probabilities(self.model(batch, query).logits).argmax(dim=-1)

    def _turns(self, batch: Batch, lengths: Integers, example_ids: Sequence[str]) -> Integers:
        """When each position's turn comes (B, M, T), from 0 for the word that goes first; beyond T where none is."""
        width = batch.token_ids.shape[1]
        turns = np.full((len(lengths), len(self.methods), width), width)
        for row, (index, length) in enumerate(zip(batch.index.tolist(), lengths, strict=True)):
            draws = generator(self.seed, "sampling", "token-removal", example_ids[row]).random(length)
            for place, method in enumerate(self.methods):
                turns[row, place, 1 : length + 1] = ranking(self._scores[method][index], self.sign, draws)
        return turns

    def _removed(
        self, batch: Batch, query: Query | None, prediction: Tensor, turns: Tensor, lengths: Integers
    ) -> Integers:
        """Words removed when the decision flips (B, M); 0 where it never does."""
        n_methods = turns.shape[1]
        row, method = np.divmod(np.arange(len(lengths) * n_methods), n_methods)
        words, size = lengths[row], np.maximum(1, np.rint(self.step * lengths[row])).astype(np.int64)
        removed, left, steps = np.zeros(len(row), np.int64), np.flatnonzero(words > 0), 0
        while len(left):
            count = np.minimum(1 + steps * size[left], words[left])
            flips = self._flips(batch, query, prediction, turns, np.stack([row[left], method[left], count]))
            removed[left[flips]] = count[flips]
            left = left[~flips & (count < words[left])]
            steps += 1
        return removed.reshape(-1, n_methods)

    def _flips(
        self, batch: Batch, query: Query | None, prediction: Tensor, turns: Tensor, chosen: Integers
    ) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether the decision is another (N,) for N texts; `chosen` (3, N): row, method, how many words are gone."""
        found = []
        count = max(1, self._budget.positions // batch.token_ids.shape[1])
        for rows, methods, counts in torch.from_numpy(chosen).to(turns.device).split(count, dim=1):
            shorter = self._shorten(batch.rows(rows), turns[rows, methods] < counts[:, None])
            asked = None if query is None else query.rows(rows)
            found.append(self._predicted(shorter, asked) != prediction[rows])
        return np.asarray(torch.cat(found).cpu().numpy())


def ranking(scores: np.ndarray[Any, Any], sign: str, draws: np.ndarray[Any, Any]) -> Integers:
    """The place (L,) of each word in a ranking by scores (L,), 0 for the highest; ties by random draws (L,)."""
    order = np.lexsort([draws, -(np.abs(scores) if sign == "absolute" else scores)])
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def deleted(batch: Batch, gone: Tensor) -> Batch:
    """The texts without the tokens that are `gone` (B, T); the rest moves up."""
    kept = batch.mask & ~gone
    order = (~kept).sort(dim=1, stable=True).indices[:, : int(kept.sum(dim=1).max())]
    mask = kept.gather(1, order)
    token_ids = batch.token_ids.gather(1, order).masked_fill(~mask, PAD)
    return replace(batch, token_ids=token_ids, mask=mask, attended=batch.attended.gather(1, order) & mask)


def zeroed(batch: Batch, gone: Tensor) -> Batch:
    """The texts with padding in the place of the tokens that are `gone` (B, T), which attention passes over."""
    return replace(batch, token_ids=batch.token_ids.masked_fill(gone, PAD), attended=batch.attended & ~gone)
