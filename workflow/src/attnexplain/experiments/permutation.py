"""Permuted attention: Jain and Wallace (2019), algorithm 2.

The learned weights of an example are shuffled among its real tokens, the states (and the question of a pair) stay
fixed, and the prediction is decoded again. `tvd_median` is the median over the draws of the total variation distance
to the original prediction, all classes counted; with an even number of draws, the mean of the two middle ones.
"""

import copy
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.experiments.orders import orders
from attnexplain.models.classifier import Classifier
from attnexplain.models.distances import total_variation
from attnexplain.models.question import Query
from attnexplain.seeding import generator

FACTS = {
    "name": "permutation",
    "title": "Permuted attention",
    "citation": "Jain and Wallace (2019)",
    "needs": ["attention"],
    "options": {
        "draws": {
            "type": "integer",
            "default": 100,
            "minimum": 1,
            "description": "Random permutations of the weights per example.",
        }
    },
    "by": {"column": "max_attention", "edges": [0.0, 0.25, 0.5, 0.75, 1.0], "of": ["tvd_median"]},
    "columns": {
        "tvd_median": {
            "description": "Median over permutations of the distance between the predictions",
            "range": [0.0, 1.0],
            "direction": "higher: the prediction depends on where the attention lies",
        },
        "max_attention": {
            "description": "Largest learned attention weight",
            "range": [0.0, 1.0],
            "direction": "higher: the attention is more concentrated",
        },
    },
}

Floats = np.ndarray[Any, np.dtype[np.float64]]


class Permutation(Experiment):
    """Median total variation distance under `draws` random permutations of the attention weights."""

    def __init__(self, model: Classifier, *, seed: int, draws: int = 100) -> None:
        super().__init__(model, seed=seed)
        self.draws = draws

    @torch.no_grad()
    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """One forward pass; every draw is then decoded, in float64."""
        query = self.model.query(batch)
        output = self.model(batch, query)
        weights = output.weights.double().cpu()  # (B, T)
        distances = self.distances(weights, output.values, query, batch.attended.cpu(), example_ids)
        return {
            # As in the table of predictions: of the model's own numbers, not of their float64 repetition.
            "prediction": self.model.probabilities(output.logits).argmax(dim=-1).cpu().numpy(),
            "tvd_median": np.median(distances, axis=1),
            "max_attention": weights.max(dim=-1).values.numpy(),
        }

    @cached_property
    def _decoder(self) -> Any:
        """The decoder in float64, on the CPU."""
        return copy.deepcopy(self.model.decoder).double().cpu()

    def distances(
        self, weights: Tensor, states: Tensor, query: Query | None, attended: Tensor, example_ids: Sequence[str]
    ) -> Floats:
        """Total variation distance (B, D) of each draw to the prediction under the learned weights (B, T).

        A decoder takes a few linear functions of a state: mixing those of the words equals mixing their states, so that
        a draw is a product with a small matrix. `weights` (float64) and `attended` (B, T) are on the CPU.
        """
        values = (states @ self.model.decoder.linear().T).double().cpu().numpy()  # (B, T, V)
        rows = zip(weights.numpy(), values, attended.numpy(), example_ids, strict=True)
        mixed = torch.from_numpy(np.stack([self._mixed(*row) for row in rows]))  # (B, 1 + D, V), the undisturbed first
        asked = (
            None if query is None else query.double().rows(torch.arange(len(mixed)).repeat_interleave(mixed.shape[1]))
        )
        logits = self._decoder.answer(mixed.flatten(0, 1), asked)
        probability = self.model.probabilities(logits).unflatten(0, mixed.shape[:2])  # (B, 1 + D, C)
        return np.asarray(total_variation(probability[:, 1:], probability[:, :1]))

    def _mixed(self, weights: Floats, values: Floats, attended: np.ndarray, example_id: str) -> Floats:
        """Sums (1 + D, V) of the words' values: under the learned weights, then under each order of them."""
        weights, values = weights[attended], values[attended]
        random = generator(self.seed, "sampling", "permutation", example_id)
        drawn = weights.take(orders(random, self.draws, len(weights)))  # (D, L)
        return np.concatenate([weights[None] @ values, drawn @ values])
