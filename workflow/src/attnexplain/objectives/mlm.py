"""The masked word-level objective of Tutek and Šnajder (2020): each state has to tell its word when that is masked.

Words drawn at random are replaced by a learned vector in a second pass of the encoder, and what stands at their places
is asked for the words. The output is tied to the input embeddings. Classification sees the text as it is. The published
coefficient is not known to us; the default keeps the accuracy on SST, as 1 does not (config/studies/regularisers.yaml).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from attnexplain.data.batching import Batch
from attnexplain.data.special_tokens import UNK
from attnexplain.models.classifier import Classifier, Output
from attnexplain.objectives.base import Draws, Regulariser, mean_over_words

FACTS = {
    "name": "mlm",
    "title": "Masked words",
    "citation": "Tutek and Šnajder (2020)",
    "changes": None,
    "needs": ["states-as-wide-as-embeddings"],
    "excludes": {
        "encoder": {"average": "it guesses a masked word by its neighbours, of which no state of this encoder knows"},
        "regulariser": {"concat": "states with the embedding beside them are wider than it"},
    },
    "options": {
        "weight": {"type": "number", "default": 0.1, "minimum": 0, "description": "Coefficient of the term."},
        "share": {
            "type": "number",
            "default": 0.15,
            "exclusiveMinimum": 0,
            "maximum": 1,
            "description": "Probability of a word to be masked, drawn anew in every epoch.",
        },
    },
}


class MLM(Regulariser):
    """1/T sum over masked t of -log p(w_t | h_t), p = softmax(W h_t) with W (V, E) the input embeddings; H = E.

    h comes from the text with the masked words replaced. T counts all words, so that the term is about `share` times
    the mean over masked ones. <unk>, which stands for no word, is never masked.
    """

    def __init__(self, vocabulary_size: int, embedding_size: int, *, share: float, **options: Any) -> None:
        super().__init__(vocabulary_size, embedding_size, **options)
        self.share = share
        self.mask = nn.Parameter(torch.zeros(embedding_size))  # in the place of a masked word

    def penalty(self, batch: Batch, output: Output, model: Classifier, draws: Draws) -> Tensor:
        """Per example (B,)."""
        masked = self.masked(batch, draws)
        embedded = torch.where(masked[:, :, None], self.mask.to(output.embedded), output.embedded)
        states = model.encode(embedded, batch.mask)[masked]  # (N, E)
        logits = functional.linear(states, model.embedding.weight)  # (N, V)
        losses = torch.zeros_like(batch.attended, dtype=logits.dtype)
        losses[masked] = functional.cross_entropy(logits, batch.token_ids[masked], reduction="none")
        return mean_over_words(losses, batch.attended)

    def masked(self, batch: Batch, draws: Draws) -> Tensor:
        """The words (B, T) bool that are masked, by the example's own draws, a number per place."""
        chosen = torch.zeros(batch.attended.shape, dtype=torch.bool)
        for row, example, words in zip(chosen, batch.index.tolist(), batch.attended.sum(dim=1).tolist(), strict=True):
            row[1 : words + 1] = torch.from_numpy(draws.of(example).random(words) < self.share)
        return chosen.to(batch.attended.device) & batch.attended & (batch.token_ids != UNK)
