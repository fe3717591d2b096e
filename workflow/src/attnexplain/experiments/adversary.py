"""Adversarial attention as published: Jain and Wallace (2019), algorithm 3 (equation 1 and its relaxation).

Per example k = `restarts` distributions a_i over the real tokens, states fixed, are moved by Adam (AMSGrad) to lower

    sum_i (-JSD(a_i, w) + penalty * max(0, distance_i - epsilon_search)) - (1 / k^2) sum_ij JSD(a_i, a_j)

from logits log uniform + 3 N(0, 1). Of the distributions at the end and the learned attention w, `jsd_max` is the
largest divergence among those whose distance, computed again, is within `epsilon_select`. Distances are the total
variation between predictions, all classes counted. Everything is float64, so that a search does not depend on its
batch. A search ends at or below the maximum: `adversary-exact` says how far below.

This is the objective of the published code. The paper divides the penalty by k and the second sum by k (k - 1), each
pair counted once; with more than two classes the published search punishes twice the total variation.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from attnexplain.data.batching import Batch
from attnexplain.experiments import slab
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.experiments.decoding import Decoding
from attnexplain.experiments.fixed import FixedExample, Floats, fixed_examples
from attnexplain.models.classifier import Classifier
from attnexplain.models.distances import jensen_shannon, total_variation
from attnexplain.objectives.adam import Adam
from attnexplain.seeding import generator

FACTS = {
    "name": "adversary",
    "title": "Adversarial attention, searched",
    "citation": "Jain and Wallace (2019)",
    "needs": ["attention"],
    "options": {
        "restarts": {
            "type": "integer",
            "default": 5,
            "minimum": 1,
            "description": "Distributions searched together per example.",
        },
        "steps": {"type": "integer", "default": 500, "minimum": 0, "description": "Steps of Adam."},
        "learning_rate": {
            "type": "number",
            "default": 0.01,
            "exclusiveMinimum": 0,
            "description": "Learning rate of Adam.",
        },
        "penalty": {
            "type": "number",
            "default": 500.0,
            "minimum": 0,
            "description": "Weight (lambda) of the distance beyond epsilon_search.",
        },
        "epsilon_search": {
            "type": "number",
            "default": 0.01,
            "minimum": 0,
            "maximum": 1,
            "description": "Total variation distance that the search does not punish.",
        },
        "epsilon_select": {
            "type": "number",
            "default": 0.01,
            "minimum": 0,
            "maximum": 1,
            "description": "Largest total variation distance of an attention that counts; 0.05 in the published code.",
        },
    },
    "columns": {
        "jsd_max": {
            "description": "Largest divergence from the learned attention found at (nearly) the same prediction",
            "range": [0.0, 0.6931471805599453],
            "direction": "higher: quite another attention gives the prediction too",
        },
        "tvd": {
            "description": "Distance of the prediction under the attention found",
            "range": [0.0, 1.0],
            "direction": "neither: it is within epsilon_select",
        },
        "is_exact": {
            "type": "boolean",
            "description": "Whether jsd_max is known to be the maximum: never, of a search",
            "range": [0, 1],
            "direction": "neither",
        },
        "kind": {"type": "string", "description": "What jsd_max is", "values": ["search"]},
        "max_attention": {
            "description": "Largest learned attention weight",
            "range": [0.0, 1.0],
            "direction": "higher: the attention is more concentrated",
        },
    },
    "by": {"column": "max_attention", "edges": [0.0, 0.25, 0.5, 0.75, 1.0], "of": ["jsd_max"]},
}

SPREAD = 3.0  # standard deviation of the logits at the start


class Adversary(Experiment):
    """The farthest of the distributions that the search ends at, and of the learned one."""

    def __init__(
        self,
        model: Classifier,
        *,
        seed: int,
        restarts: int = 5,
        steps: int = 500,
        learning_rate: float = 0.01,
        penalty: float = 500.0,
        epsilon_search: float = 0.01,
        epsilon_select: float = 0.01,
    ) -> None:
        super().__init__(model, seed=seed)
        self.restarts, self.steps, self.learning_rate = restarts, steps, learning_rate
        self.penalty, self.epsilon_search, self.epsilon_select = penalty, epsilon_search, epsilon_select

    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """All examples are searched together; every one has a start and a search of its own."""
        examples = fixed_examples(self.model, batch)
        ended = self._search(examples, example_ids)
        found = [self._select(example, candidates) for example, candidates in zip(examples, ended, strict=True)]
        return {
            "prediction": np.array([example.prediction for example in examples]),
            "jsd_max": np.array([distance for distance, _, _ in found]),
            "tvd": np.array([moved for _, moved, _ in found]),
            "is_exact": np.zeros(len(examples), dtype=bool),
            "kind": ["search"] * len(examples),
            "max_attention": np.array([example.weights.max(initial=0.0) for example in examples]),
            "weights": [attention for _, _, attention in found],
        }

    def _select(self, example: FixedExample, candidates: Floats) -> tuple[float, float, Floats]:
        """JSD, distance and weights of the farthest admissible candidate (R, L); the learned attention is one."""
        candidates = np.concatenate([example.weights[None], candidates])
        moved = example.distance(candidates)
        far = np.where(moved <= self.epsilon_select, slab.jensen_shannon(candidates, example.weights), -1.0)
        far[0] = moved[0] = 0.0
        best = far.argmax()
        return float(far[best]), float(moved[best]), candidates[best]

    @torch.enable_grad()
    def _search(self, examples: Sequence[FixedExample], example_ids: Sequence[str]) -> list[Floats]:
        """Per example the attention (R, L) that its search ends at."""
        learned = _padded([torch.from_numpy(example.weights)[None] for example in examples], 0.0)  # (N, 1, T)
        # Logits are -inf at padding, so that it has no weight and no gradient.
        logits = _padded([self._start(*one) for one in zip(examples, example_ids, strict=True)], -torch.inf)
        logits.requires_grad_()
        decoded = Decoding(examples, self.restarts)
        original = decoded(learned.expand(-1, self.restarts, -1))
        adam = Adam([logits], lr=self.learning_rate, amsgrad=True)
        for _ in range(self.steps):
            attention = logits.softmax(dim=-1)
            excess = (total_variation(decoded(attention), original) - self.epsilon_search).relu()
            loss = self.penalty * excess.sum() - jensen_shannon(attention, learned).sum() - _diversity(attention)
            adam.zero_grad()
            loss.backward()
            adam.step()
        ended = logits.detach().softmax(dim=-1).numpy()
        return [row[:, : len(example.weights)] for row, example in zip(ended, examples, strict=True)]

    def _start(self, example: FixedExample, example_id: str) -> Tensor:
        """Logits (R, L): log uniform + 3 N(0, 1), from the example's own stream."""
        length = len(example.weights)
        drawn = generator(self.seed, "sampling", "adversary", example_id).standard_normal((self.restarts, length))
        return torch.from_numpy(SPREAD * drawn - np.log(max(1, length)))


def _diversity(attention: Tensor) -> Tensor:
    """The mean divergence over all ordered pairs of an example's restarts, those with themselves too; summed."""
    restarts = attention.shape[1]
    pairs = torch.combinations(torch.arange(restarts))
    between = jensen_shannon(attention[:, pairs[:, 0]], attention[:, pairs[:, 1]])
    return 2 * between.sum() / restarts**2


def _padded(rows: Sequence[Tensor], value: float) -> Tensor:
    """(K, L) each, of unequal lengths -> (N, K, T). A row of no token at all gets one, for its softmax."""
    length = max(1, *(row.shape[1] for row in rows))
    return torch.stack([_wider(row, length, value) for row in rows])


def _wider(row: Tensor, length: int, value: float) -> Tensor:
    row = torch.zeros(len(row), 1, dtype=row.dtype) if not row.shape[1] else row
    return pad(row, (0, length - row.shape[1]), value=value)
