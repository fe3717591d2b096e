"""Input times gradient (Shrikumar et al. 2017), signed, through the attention: e_t . dp(target)/de_t."""

from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.attribution.gradients import along_embeddings
from attnexplain.data.batching import Batch

FACTS = {
    "name": "input-x-gradient",
    "title": "Input x gradient",
    "citation": "Shrikumar et al. (2017)",
    "needs": ["embeddings", "gradients", "projections"],
    "signed": True,
    "range": "(-inf, inf), in units of probability; positive supports the predicted class",
    "options": {},
}


class InputXGradient(AttributionMethod):
    """s_t = e_t . dp(target)/de_t."""

    def explain(self, batch: Batch) -> Attributions:
        """One backward pass for the batch."""
        found = along_embeddings(self.model, batch)
        return Attributions(found.value, found.target, found.probability)
