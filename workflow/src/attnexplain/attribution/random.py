"""Random scores: the floor every method has to beat. Independent draws from U(0, 1), seeded per example."""

import torch

from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.attribution.sampling import sampler
from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier

FACTS = {
    "name": "random",
    "title": "Random",
    "citation": "control",
    "needs": [],
    "signed": False,
    "range": "[0, 1)",
    "options": {
        "draw": {
            "type": "integer",
            "default": 0,
            "minimum": 0,
            "description": "Which sample is drawn; two draws side by side show what sampling alone changes.",
        },
    },
}


class Random(AttributionMethod):
    """s_t ~ U(0, 1), from the run's seed, the example's position in its split and the draw alone."""

    def __init__(self, model: Classifier, *, seed: int, tokens_per_batch: int = 4096, draw: int = 0) -> None:
        super().__init__(model, seed=seed, tokens_per_batch=tokens_per_batch)
        self.draw = draw

    def explain(self, batch: Batch) -> Attributions:
        """The k-th real token of an example takes the k-th draw of the example's own stream."""
        probability, target, _ = self.predict(batch)
        scores = torch.zeros(batch.attended.shape)
        for row, (index, attended) in enumerate(zip(batch.index.tolist(), batch.attended.cpu(), strict=True)):
            draws = sampler(self.seed, "random", index, self.draw).random(int(attended.sum()))
            scores[row, attended] = torch.from_numpy(draws).float()
        return Attributions(scores.to(probability), target, probability)
