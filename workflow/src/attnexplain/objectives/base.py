"""What a regulariser is: it changes what the encoder computes, adds a term to the loss, or both.

It acts at four places, each of which does nothing by default.

- `encoder`: how the encoder steps. Called when the model is built, for the encoder of the question in pairs too.
- `states`: what becomes of the states before attention and decoder read them, of the attended text.
- `values`: what of them is mixed by the attention, which reads the states as they are.
- `penalty`: a term of the loss, in training alone.

All but the last are part of the model: they act wherever it does, and parameters go into its file with the others.
Which of them a regulariser uses stands in FACTS under `changes` (`step`, `states`, `values` or null), since the plan
refuses two that change the same; what it goes with, under `needs`, `only` and `excludes` (plan/combinations.py). Where
`evidence` stands under `reads`, batches of training carry it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier, Output
from attnexplain.seeding import generator


@dataclass(frozen=True)
class Draws:
    """Random numbers of one pass over a split: the same for an example however the batch is made up or cut."""

    seed: int
    epoch: int  # from 1; 0 on dev, whose draws then are the same in every epoch

    def of(self, example: int) -> np.random.Generator:
        """The stream of one example, by its position in the split."""
        return generator(self.seed, "masking", self.epoch, example)


class Regulariser(nn.Module):
    """Built for a run as `Name(vocabulary_size, embedding_size, **options)`; parameters are drawn then.

    `weight` is the coefficient of `penalty`, None where there is no such term. What is minimised is the mean over
    examples of classification loss + weight x penalty, times the batch size where the sum of losses is minimised: a
    coefficient means the same for single texts and pairs. With weight 0 the term is computed for the history alone.

    `gold_weight` is the coefficient of the classification loss. A regulariser that learns from something other than the
    labels makes it 0; the checkpoint is then chosen by its own term on dev (`training.Trainer`).
    """

    gold_weight: float = 1.0

    def __init__(self, vocabulary_size: int, embedding_size: int, *, weight: float | None = None) -> None:
        super().__init__()
        self.vocabulary_size, self.embedding_size, self.weight = vocabulary_size, embedding_size, weight

    def know(self, vocabulary: Mapping[str, int]) -> None:
        """Told the ids of words before training; evaluation has no need of them."""

    def encoder(self, encoder: nn.Module) -> nn.Module:
        """The run's encoder, or one that steps otherwise: same call, same `size`, same `last_hidden`."""
        return encoder

    def states_size(self, size: int) -> int:
        """Size of what `states` makes of states of this size."""
        return size

    def states(self, embedded: Tensor, states: Tensor, mask: Tensor) -> Tensor:
        """Embeddings (B, T, E), states (B, T, H) and mask (B, T) -> states (B, T, states_size(H))."""
        return states

    def values(self, token_ids: Tensor, embedded: Tensor, states: Tensor) -> Tensor:
        """Token ids (B, T), embeddings (B, T, E) and states (B, T, H) -> what is mixed (B, T, H)."""
        return states

    def penalty(self, batch: Batch, output: Output, model: Classifier, draws: Draws) -> Tensor:
        """A number (B,) per example, without the weight; it depends on no other example of the batch.

        `model` is in train mode in training, in eval mode on dev. A batch may be cut to pieces beforehand.
        """
        raise NotImplementedError(f"{type(self).__name__} has a weight, but no penalty")


def mean_over_words(values: Tensor, attended: Tensor) -> Tensor:
    """Values (B, T), averaged over the words (B, T) of each text (B,); 0 for a text without words."""
    return values.masked_fill(~attended, 0.0).sum(dim=1) / attended.sum(dim=1).clamp(min=1)
