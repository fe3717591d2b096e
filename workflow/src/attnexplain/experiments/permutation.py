"""Permuted attention: Jain and Wallace (2019), algorithm 2.

The learned weights of an example are shuffled among its real tokens, the states (and the question of a pair) stay
fixed, and the prediction is decoded again. `tvd_median` is the median over the draws of the total variation distance
to the original prediction, all classes counted; with an even number of draws, the mean of the two middle ones.
"""

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.experiments.base import Columns, Experiment
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

Decode = Callable[[Tensor], Tensor]  # weights (B, D, T) -> probabilities (B, D, C)


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
        decode = self._decoding(output.states.double().cpu(), query)
        original = decode(weights[:, None])  # (B, 1, C)
        permuted = decode(self._permute(weights, batch.attended.cpu(), example_ids))  # (B, D, C)
        return {
            # As in the table of predictions: of the model's own numbers, not of their float64 repetition.
            "prediction": self.model.probabilities(output.logits).argmax(dim=-1).cpu().numpy(),
            "tvd_median": np.median(total_variation(permuted, original).numpy(), axis=1),
            "max_attention": weights.max(dim=-1).values.numpy(),
        }

    def _decoding(self, states: Tensor, query: Query | None) -> Decode:
        """How weights become probabilities over states (B, T, H) that stay fixed."""
        decoder = copy.deepcopy(self.model.decoder).double().cpu()
        if decoder.is_linear:
            # Mixing the scalars theta_k . h_t equals mixing the states: every draw is a product of small matrices.
            values, bias = states @ decoder.weight.T, decoder.bias  # (B, T, K), (K,)
            return lambda weights: self.model.probabilities(weights @ values + bias)
        known = None if query is None else query.double()

        def decode(weights: Tensor) -> Tensor:
            contexts = (torch.einsum("bt,bth->bh", drawn, states) for drawn in weights.unbind(dim=1))
            return torch.stack([self.model.probabilities(decoder(context, known)) for context in contexts], dim=1)

        return decode

    def _permute(self, weights: Tensor, attended: Tensor, example_ids: Sequence[str]) -> Tensor:
        """(B, T) -> (B, D, T): each row's weights in `draws` random orders among its real tokens."""
        permuted = weights.new_zeros(len(weights), self.draws, weights.shape[1])
        for row, example_id in enumerate(example_ids):
            positions = attended[row].nonzero().squeeze(1)
            keys = generator(self.seed, "sampling", "permutation", example_id).random((self.draws, len(positions)))
            # Sorting independent uniform keys draws each order with equal probability.
            permuted[row][:, positions] = weights[row, positions][torch.from_numpy(keys.argsort(axis=1))]
        return permuted
