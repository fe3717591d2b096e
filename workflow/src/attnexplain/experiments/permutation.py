"""Permuted attention: Jain and Wallace (2019), algorithm 2.

The learned weights of an example are shuffled among its real tokens, the states stay fixed, and the prediction is
decoded again. `tvd_median` is the median over the draws of the total variation distance to the original
prediction, all classes counted; with an even number of draws, the mean of the two middle ones.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.models.classifier import Classifier
from attnexplain.models.distances import total_variation
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


class Permutation(Experiment):
    """Median total variation distance under `draws` random permutations of the attention weights."""

    def __init__(self, model: Classifier, *, seed: int, draws: int = 100) -> None:
        super().__init__(model, seed=seed)
        self.draws = draws

    @torch.no_grad()
    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """One forward pass; every draw is then a product of small matrices, in float64."""
        output = self.model(batch)
        weights = output.weights.double().cpu()  # (B, T)
        values = self._values(output.states)  # (B, T, K)
        original = self._decode(weights[:, None], values)  # (B, 1, C)
        permuted = self._decode(self._permute(weights, batch.attended.cpu(), example_ids), values)  # (B, D, C)
        return {
            # As in the table of predictions: of the model's own numbers, not of their float64 repetition.
            "prediction": self.model.probabilities(output.logits).argmax(dim=-1).cpu().numpy(),
            "tvd_median": np.median(total_variation(permuted, original).numpy(), axis=1),
            "max_attention": weights.max(dim=-1).values.numpy(),
        }

    def _values(self, states: Tensor) -> Tensor:
        """theta_k . h_t, (B, T, K): the decoder is linear, so mixing these scalars equals mixing the states."""
        return states.double().cpu() @ self.model.decoder.weight.double().cpu().T

    def _decode(self, weights: Tensor, values: Tensor) -> Tensor:
        """Probabilities (B, D, C) under weights (B, D, T)."""
        return self.model.probabilities(weights @ values + self.model.decoder.bias.double().cpu())

    def _permute(self, weights: Tensor, attended: Tensor, example_ids: Sequence[str]) -> Tensor:
        """(B, T) -> (B, D, T): each row's weights in `draws` random orders among its real tokens."""
        permuted = weights.new_zeros(len(weights), self.draws, weights.shape[1])
        for row, example_id in enumerate(example_ids):
            positions = attended[row].nonzero().squeeze(1)
            keys = generator(self.seed, "sampling", "permutation", example_id).random((self.draws, len(positions)))
            # Sorting independent uniform keys draws each order with equal probability.
            permuted[row][:, positions] = weights[row, positions][torch.from_numpy(keys.argsort(axis=1))]
        return permuted
