"""Conicity of the states of a text: how alike the vectors are that attention chooses among.

Mohankumar et al. (2020), section 3: the alignment to mean of a state is its cosine with the mean of the text's states,
and conicity is the mean of these over the words. Their published code takes the magnitudes of the cosines, their
formula does not: `conicity` is the formula, `conicity_absolute` what the code (and the numbers in the paper) has. Of n
independent Gaussian states of many dimensions both are about 1 / sqrt(n): texts of other lengths have another floor.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.experiments.base import Columns, Experiment

FACTS = {
    "name": "conicity",
    "title": "Conicity of the states",
    "citation": "Mohankumar et al. (2020), section 3",
    "needs": [],
    "options": {},
    "columns": {
        "conicity": {
            "description": "Mean cosine of the states of a text to their mean",
            "range": [-1.0, 1.0],
            "direction": "lower: the states that attention chooses among differ more",
            "undefined": "fewer than two tokens, a state of zeros, or states whose mean is zero",
        },
        "conicity_absolute": {
            "description": "Mean magnitude of the cosine of the states of a text to their mean",
            "range": [0.0, 1.0],
            "direction": "lower: the states that attention chooses among differ more",
            "undefined": "fewer than two tokens, a state of zeros, or states whose mean is zero",
        },
    },
}


class Conicity(Experiment):
    """Mean alignment of a text's states to their mean, signed and by magnitude."""

    @torch.no_grad()
    def measure(self, batch: Batch, example_ids: Sequence[str]) -> Columns:
        """One forward pass; over the words alone, in float64."""
        output = self.model(batch)
        aligned = alignment_to_mean(output.states.double(), batch.attended)
        return {
            "prediction": self.model.probabilities(output.logits).argmax(dim=-1).cpu().numpy(),
            "conicity": _mean(aligned, batch.attended).cpu().numpy(),
            "conicity_absolute": _mean(aligned.abs(), batch.attended).cpu().numpy(),
        }


def alignment_to_mean(states: Tensor, attended: Tensor) -> Tensor:
    """Cosine (B, T) of each attended state (B, T, H) to the mean of those of its text; 0 elsewhere.

    NaN throughout a text of fewer than two attended tokens (one is its own mean), with an attended state of zeros, or
    whose mean is zero: there is no angle.
    """
    states = states.masked_fill(~attended[..., None], 0.0)
    count = attended.sum(dim=1)  # (B,)
    mean = states.sum(dim=1) / count[:, None]
    lengths = states.norm(dim=2) * mean.norm(dim=1, keepdim=True)  # (B, T)
    undefined = (count < 2) | ((lengths == 0) & attended).any(dim=1)
    cosine: Tensor = torch.einsum("bth,bh->bt", states, mean) / lengths
    return cosine.clamp(-1, 1).masked_fill(~attended, 0.0).masked_fill(undefined[:, None], torch.nan)


def _mean(values: Tensor, attended: Tensor) -> Tensor:
    """Mean (B,) over the attended tokens of values (B, T) that are 0 elsewhere."""
    mean: Tensor = values.sum(dim=1) / attended.sum(dim=1)
    return mean
