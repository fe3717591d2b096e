"""Random scores: the floor every method has to beat. Independent draws from U(0, 1), seeded per example."""

import torch

from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.data.batching import Batch
from attnexplain.seeding import generator

FACTS = {
    "name": "random",
    "title": "Random",
    "citation": "control",
    "needs": [],
    "signed": False,
    "range": "[0, 1)",
    "options": {},
}


class Random(AttributionMethod):
    """s_t ~ U(0, 1), from the run's seed and the example's position in its split alone."""

    def explain(self, batch: Batch) -> Attributions:
        """The k-th real token of an example takes the k-th draw of the example's own stream."""
        probability, target, _ = self.predict(batch)
        scores = torch.zeros(batch.attended.shape)
        for row, (index, attended) in enumerate(zip(batch.index.tolist(), batch.attended.cpu(), strict=True)):
            draws = generator(self.seed, "sampling", "random", index).random(int(attended.sum()))
            scores[row, attended] = torch.from_numpy(draws).float()
        return Attributions(scores.to(probability), target, probability)
