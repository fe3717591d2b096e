"""The trained adversary of Wiegreffe and Pinter (2019), section 4: the predictions of a base, by other attention.

Trained from scratch, on no labels: what is minimised of each text is

    TVD(p, p_base) - lambda KL(a_base || a)

with lambda the option `divergence`. How far the prediction moves for how much divergence, over a range of lambda, says
how cheap another attention is. The distance is the true one, 1/2 sum over the classes; the released code sums over the
positive class alone, which is half of it (`tvd: halved`), and takes the divergence the other way round, KL(a || a_base)
(`direction: from-adversary`). The checkpoint is that of the least loss on dev.
"""

from typing import Any

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier, Output
from attnexplain.models.distances import kullback_leibler, total_variation
from attnexplain.objectives.base import Draws, Regulariser

FACTS = {  # type: ignore[var-annotated]
    "name": "adversarial",
    "title": "Trained adversary",
    "citation": "Wiegreffe and Pinter (2019)",
    "changes": None,
    "needs": [],
    "excludes": {
        "attention": {
            "frozen": "imposed attention cannot move away from the base's",
            "uniform": "there is nothing in it to train",
        }
    },
    "base": True,
    "options": {
        "divergence": {
            "type": "number",
            "default": 0.001,
            "minimum": 0,
            "description": "Lambda: what a nat between the attentions is worth in distance between the predictions.",
        },
        "tvd": {
            "type": "string",
            "default": "true",
            "enum": ["true", "halved"],
            "description": "Total variation distance, or half of it, as the released code has it in two classes.",
        },
        "direction": {
            "type": "string",
            "default": "from-base",
            "enum": ["from-base", "from-adversary"],
            "description": "KL(base || adversary), or KL(adversary || base).",
        },
    },
}

_FACTOR = {"true": 1.0, "halved": 0.5}


class Adversarial(Regulariser):
    """TVD - lambda KL as the whole of the loss. `base` is a trained model in eval mode, and no part of this one."""

    gold_weight = 0.0

    def __init__(
        self,
        vocabulary_size: int,
        embedding_size: int,
        *,
        base: Classifier,
        divergence: float,
        tvd: str,
        direction: str,
        **options: Any,
    ) -> None:
        super().__init__(vocabulary_size, embedding_size, weight=1.0, **options)
        self._base = (base,)  # in a tuple, where PyTorch does not look for modules
        self.divergence, self.factor, self.direction = divergence, _FACTOR[tvd], direction

    def penalty(self, batch: Batch, output: Output, model: Classifier, draws: Draws) -> Tensor:
        """Per example (B,), in units of probability."""
        (base,) = self._base
        with torch.no_grad():
            theirs = base(batch)
        distance = total_variation(model.probabilities(output.logits), base.probabilities(theirs.logits))
        pair = (theirs.weights, output.weights)
        divergence = kullback_leibler(*(pair if self.direction == "from-base" else reversed(pair)))
        return self.factor * distance - self.divergence * divergence
