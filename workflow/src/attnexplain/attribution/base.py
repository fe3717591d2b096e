"""What every attribution method shares: one score per token for the predicted class, the model left as found.

Contract
- The class explained (`target`) is the predicted one, the argmax of the probabilities of the undisturbed text.
- Of a pair, the attended text is explained, under its question as it is.
- Scores are 0 at <sos>, <eos> and padding; they run over the batch's positions and are cut to tokens when written.
- No score depends on which other examples share the batch, nor on their order.
- The model runs in eval mode and is left as it was: modes, parameters, `.grad` and hooks.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier
from attnexplain.models.evaluation import evaluation
from attnexplain.models.question import Query


@dataclass(frozen=True)
class Attributions:
    """Scores of one batch.

    Shapes: scores (B, T), 0 off real tokens; target (B,) int64; probability (B, C), rows sum to 1;
    quality: name -> (B,), what the method says about itself (`completeness_gap`).
    """

    scores: Tensor
    target: Tensor
    probability: Tensor
    quality: dict[str, Tensor] = field(default_factory=dict)


class AttributionMethod(ABC):
    """A method is its `explain`; modes, and the zeros off real tokens, are seen to here.

    Parameters
    ----------
    model : Classifier
    seed : int
        The run's seed, for methods that draw; every draw is keyed by the example's position in the split.
    tokens_per_batch : int
        Most positions (rows x width) a method may put through the model at once beyond the batch it was handed. It
        may fall from batch to batch, where memory runs out.
    """

    def __init__(self, model: Classifier, *, seed: int, tokens_per_batch: int = 4096) -> None:
        self.model = model
        self.seed = seed
        self.tokens_per_batch = tokens_per_batch

    def attribute(self, batch: Batch) -> Attributions:
        """Scores of the predicted class for each example of `batch`, detached from any graph."""
        with evaluation(self.model):
            found = self.explain(batch)
        scores = found.scores.detach().masked_fill(~batch.attended, 0.0)  # (B, T)
        quality = {name: value.detach() for name, value in found.quality.items()}
        return Attributions(scores, found.target, found.probability.detach(), quality)

    @abstractmethod
    def explain(self, batch: Batch) -> Attributions:
        """The method's formula; what it returns off real tokens is overwritten with 0."""

    @torch.no_grad()
    def predict(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Probability (B, C), predicted class (B,) and attention weights (B, T) of the undisturbed texts."""
        output = self.model(batch)
        probability = self.model.probabilities(output.logits)
        return probability, probability.argmax(dim=-1), output.weights

    @torch.no_grad()
    def query(self, batch: Batch) -> Query | None:
        """The questions of a batch of pairs, encoded once for many passes; None for single texts."""
        return self.model.query(batch)
