"""What a classifier says of every example of a split."""

from collections.abc import Iterator

import torch
from torch import Tensor

from attnexplain.data.batching import Batch, TokenisedSplit, bucketed
from attnexplain.models.classifier import Classifier
from attnexplain.models.evaluation import evaluation


@torch.no_grad()
def predict_logits(model: Classifier, split: TokenisedSplit, tokens_per_batch: int, device: torch.device) -> Tensor:
    """Logits (N, 1) or (N, C) on the CPU, in the order of the split (at least one example); the model in eval mode."""
    with evaluation(model):
        pairs = [(batch.index, model(batch.to(device)).logits.cpu()) for batch in _batches(split, tokens_per_batch)]
    order = torch.cat([index for index, _ in pairs]).argsort()
    return torch.cat([logits for _, logits in pairs])[order]


def _batches(split: TokenisedSplit, tokens_per_batch: int) -> Iterator[Batch]:
    return bucketed(split, range(len(split)), tokens_per_batch)
