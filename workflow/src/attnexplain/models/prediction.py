"""What a classifier says of every example of a split."""

import torch
from torch import Tensor

from attnexplain.data.batching import TokenisedSplit, bucketed
from attnexplain.models.classifier import Classifier
from attnexplain.models.evaluation import evaluation
from attnexplain.models.memory import Budget


@torch.no_grad()
def predict_logits(model: Classifier, split: TokenisedSplit, budget: Budget, device: torch.device) -> Tensor:
    """Logits (N, 1) or (N, C) on the CPU, in the order of the split (at least one example); the model in eval mode."""
    index, logits = [], []
    with evaluation(model):
        for batch in bucketed(split, range(len(split)), budget.positions):
            index.append(batch.index)
            logits += budget.spend(batch.to(device), lambda pieces: [model(piece).logits.cpu() for piece in pieces])
    return torch.cat(logits)[torch.cat(index).argsort()]
