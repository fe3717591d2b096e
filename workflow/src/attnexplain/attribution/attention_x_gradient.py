"""Attention times its gradient (Serrano and Smith 2019): alpha_t . dp(target)/d alpha_t, states held fixed, signed.

To first order what the prediction loses when a weight is set to 0 and the others stay as they are, not renormalised
(attention_gradients.py says which derivative it is). Chrysostomou and Aletras (2021) call it scaled attention.
"""

from attnexplain.attribution.attention_gradients import by_weight
from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.data.batching import Batch

FACTS = {
    "name": "attention-x-gradient",
    "title": "Attention x gradient",
    "citation": "Serrano and Smith (2019); Chrysostomou and Aletras (2021)",
    "needs": ["attention", "gradients"],
    "signed": True,
    "range": "(-inf, inf), in units of probability; positive supports the predicted class",
    "options": {},
}


class AttentionXGradient(AttributionMethod):
    """s_t = alpha_t dp(target)/d alpha_t."""

    def explain(self, batch: Batch) -> Attributions:
        """One backward pass, through the decoder alone."""
        found = by_weight(self.model, batch)
        return Attributions(found.weights * found.derivative, found.target, found.probability)
