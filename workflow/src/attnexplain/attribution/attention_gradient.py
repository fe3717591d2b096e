"""Gradient of the attention (Serrano and Smith 2019): dp(target)/d alpha_t with the states held fixed, signed.

The raw partial derivative, as published, not its projection on the simplex of the weights (attention_gradients.py).
Of two classes and a linear decoder it is p (1 - p) v_t, where v_t is what the state of token t adds to the logit of
the predicted class when all attention lies on it. Serrano and Smith differentiate the largest probability, and so it is
here; the code of Chrysostomou and Aletras differentiates the largest logit, which for two classes ranks alike.
"""

from attnexplain.attribution.attention_gradients import by_weight
from attnexplain.attribution.base import AttributionMethod, Attributions
from attnexplain.data.batching import Batch

FACTS = {
    "name": "attention-gradient",
    "title": "Attention gradient",
    "citation": "Serrano and Smith (2019); Chrysostomou and Aletras (2021)",
    "needs": ["attention", "gradients"],
    "signed": True,
    "range": "(-inf, inf), in units of probability; positive: more weight on the token supports the predicted class",
    "options": {},
}


class AttentionGradient(AttributionMethod):
    """s_t = dp(target)/d alpha_t."""

    def explain(self, batch: Batch) -> Attributions:
        """One backward pass, through the decoder alone."""
        found = by_weight(self.model, batch)
        return Attributions(found.derivative, found.target, found.probability)
