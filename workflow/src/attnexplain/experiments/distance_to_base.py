"""How far a run is from the run that it stands on, text by text: its prediction and its attention beside the base's.

Of a trained adversary these are the two numbers of Wiegreffe and Pinter (2019), figure 5 and table 4: a small distance
between the predictions at a large divergence of the attentions. Theirs is half of the total variation distance. Nothing
is intervened upon. A run without a base has no such number, and no such job.
"""

from collections.abc import Sequence

import torch

from attnexplain.data.batching import Batch
from attnexplain.experiments.base import Columns, Experiment
from attnexplain.models.distances import jensen_shannon, total_variation

FACTS = {
    "name": "distance-to-base",
    "title": "Distance to the base",
    "citation": "Wiegreffe and Pinter (2019)",
    "needs": ["attention", "base"],
    "options": {},
    "columns": {
        "tvd": {
            "description": "Distance between the predictions of a run and of its base",
            "range": [0.0, 1.0],
            "direction": "higher: the run predicts other than its base",
            "undefined": "the run stands on no other",
        },
        "jsd": {
            "description": "Divergence of the attentions of a run and of its base, in nats",
            "range": [0.0, 0.6931471805599453],
            "direction": "higher: the run attends other than its base",
            "undefined": "the run stands on no other, or no token is attended",
        },
    },
}


class DistanceToBase(Experiment):
    """Total variation distance and Jensen-Shannon divergence, in float64."""

    @torch.no_grad()
    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """One forward pass of each of the two models."""
        own = self.model(batch)
        probability = self.model.probabilities(own.logits)
        tvd = jsd = torch.full((len(batch.index),), torch.nan, dtype=torch.float64)
        if self.model.base is not None:
            theirs = self.model.base(batch)
            tvd = total_variation(probability.double(), self.model.probabilities(theirs.logits).double())
            jsd = jensen_shannon(own.weights.double(), theirs.weights.double()).clamp(min=0)
            jsd = jsd.masked_fill(~batch.attended.any(dim=1), torch.nan)
        prediction = probability.argmax(dim=-1).cpu().numpy()
        return {"prediction": prediction, "tvd": tvd.cpu().numpy(), "jsd": jsd.cpu().numpy()}
