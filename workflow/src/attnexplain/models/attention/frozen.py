"""Frozen attention: the weights of another run, imposed (Wiegreffe and Pinter 2019, section 3.4).

What a model makes of weights that it did not learn says how much of them is in the words themselves: over states
without context (encoder `average`) it is their diagnostic guide. The base model is run on each text, so that every
split, and every shortened text of leave-one-out, has the weights which the base gives to it. They depend on the text
alone: no gradient flows through them, and integrated gradients hold them fixed along their path.
"""

import torch
from torch import Tensor, nn

from attnexplain.data.batching import Batch

FACTS = {
    "name": "frozen",
    "title": "Frozen, from another run",
    "citation": "Wiegreffe and Pinter (2019)",
    "needs": [],
    "base": True,
    "options": {},
}


class Frozen(nn.Module):
    """a_t = base(x)_t: there is nothing to train, and no state is looked at.

    `base` is a trained classifier on the model's device, in eval mode. It is no part of the model: neither saved,
    trained nor counted with it.
    """

    def __init__(self, states_size: int, query_size: int | None = None, *, base: nn.Module) -> None:
        super().__init__()
        self._base = (base,)  # in a tuple, where PyTorch does not look for modules

    @property
    def base(self) -> nn.Module:
        """The model whose weights are imposed."""
        return self._base[0]

    @torch.no_grad()
    def imposed(self, batch: Batch) -> Tensor:
        """Weights (B, T) of the base for the texts of a batch; of pairs under their questions."""
        weights: Tensor = self.base(batch).weights
        return weights
