"""The probability of a class as a function of the embeddings, and its gradient."""

from dataclasses import dataclass

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier
from attnexplain.models.differentiation import differentiable
from attnexplain.models.question import Query


@dataclass(frozen=True)
class EmbeddingGradient:
    """Gradient of p(target) at some embeddings. Shapes: gradient (B, T, E); probability (B, C); target (B,)."""

    gradient: Tensor
    probability: Tensor
    target: Tensor


@torch.no_grad()
def embed(model: Classifier, batch: Batch) -> Tensor:
    """Embeddings (B, T, E) of the attended texts of a batch, outside any graph."""
    return model.embed(batch.token_ids)


def class_probabilities(
    model: Classifier, embedded: Tensor, batch: Batch, *, query: Query | None = None, detach_attention: bool = False
) -> Tensor:
    """Probabilities (B, C) of a batch whose attended texts have the embeddings `embedded` (B, T, E).

    `query`: the batch's questions, where they are encoded already. With `detach_attention` the weights are computed
    as ever, but no gradient flows through them.
    """
    query = model.query(batch) if query is None else query
    states = model.encode(embedded, batch.mask)  # (B, T, H)
    weights = model.attend(states, batch.attended, query)  # (B, T)
    return model.probabilities(model.decode(states, weights.detach() if detach_attention else weights, query))


@torch.enable_grad()
def probability_gradient(
    model: Classifier,
    batch: Batch,
    embedded: Tensor,
    *,
    target: Tensor | None = None,
    query: Query | None = None,
    detach_attention: bool = False,
) -> EmbeddingGradient:
    """dp(target)/d(embedded), per example; without `target`, of the class predicted at `embedded`.

    Only the embeddings are differentiated, so no parameter's `.grad` is touched.
    """
    point = embedded.detach().requires_grad_()
    with differentiable(model):
        probability = class_probabilities(model, point, batch, query=query, detach_attention=detach_attention)
        chosen = probability.argmax(dim=-1) if target is None else target
        # Example i's probability depends on example i alone, so the gradient of the sum is the stack of gradients.
        (gradient,) = torch.autograd.grad(probability.gather(1, chosen[:, None]).sum(), point)
    return EmbeddingGradient(gradient, probability.detach(), chosen)
