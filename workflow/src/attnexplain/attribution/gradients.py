"""The probability of a class as a function of the embeddings, and how it moves along them.

Gradients are taken at what the encoder makes of the embeddings by an affine map (models/encoders/projection.py): for
e . dp/de and for sums over a line through e no more is needed.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from attnexplain.data.batching import Batch
from attnexplain.models.classifier import Classifier
from attnexplain.models.differentiation import differentiable
from attnexplain.models.encoders.projection import Projection, Whole, projection
from attnexplain.models.question import Query


@dataclass(frozen=True)
class Gradient:
    """Gradient of p(target) in what the rest of the encoder is given, of its shape; probability (B, C), target (B,)."""

    gradient: Tensor
    probability: Tensor
    target: Tensor


@dataclass(frozen=True)
class Along:
    """e_t . dp(target)/de_t. Shapes: value (B, T); probability (B, C); target (B,)."""

    value: Tensor
    probability: Tensor
    target: Tensor


@torch.no_grad()
def embed(model: Classifier, batch: Batch) -> Tensor:
    """Embeddings (B, T, E) of the attended texts of a batch, outside any graph."""
    return model.embed(batch.token_ids)


def entry(model: Classifier, embedded: Tensor) -> Projection:
    """Where the gradients for embeddings (B, T, E) are taken: at the embeddings if more than the encoder reads them."""
    return projection(model.encoder, embedded) if model.mixes_states else Whole(model.encoder)


def class_probabilities(
    model: Classifier,
    encoder: Projection,
    given: Tensor,
    batch: Batch,
    *,
    query: Query | None = None,
    detach_attention: bool = False,
) -> Tensor:
    """Probabilities (B, C) of a batch, of whose attended texts the rest of the `encoder` is `given` this.

    `query`: the batch's questions, where they are encoded already. With `detach_attention` the weights are computed
    as ever, but no gradient flows through them.
    """
    query = model.query(batch) if query is None else query
    states = encoder.states(given, batch.mask)  # (B, T, H)
    weights = model.attend(states, batch, query)  # (B, T)
    values = model.values(batch.token_ids, given, states)  # by `entry`, embeddings are given where they are read
    return model.probabilities(model.decode(values, weights.detach() if detach_attention else weights, query))


@torch.enable_grad()
def probability_gradient(
    model: Classifier,
    encoder: Projection,
    given: Tensor,
    batch: Batch,
    *,
    target: Tensor | None = None,
    query: Query | None = None,
    detach_attention: bool = False,
) -> Gradient:
    """dp(target)/d(given), per example; without `target`, of the class predicted there.

    Only what is given is differentiated, so no parameter's `.grad` is touched.
    """
    point = given.detach().requires_grad_()
    with differentiable(model):
        probability = class_probabilities(model, encoder, point, batch, query=query, detach_attention=detach_attention)
        chosen = probability.argmax(dim=-1) if target is None else target
        # Example i's probability depends on example i alone, so the gradient of the sum is the stack of gradients.
        (gradient,) = torch.autograd.grad(probability.gather(1, chosen[:, None]).sum(), point)
    return Gradient(gradient, probability.detach(), chosen)


@torch.no_grad()
def along_embeddings(model: Classifier, batch: Batch, *, detach_attention: bool = False) -> Along:
    """How the probability of the predicted class moves as each embedding grows: one backward pass for the batch."""
    embedded = embed(model, batch)  # (B, T, E)
    encoder = entry(model, embedded)
    linear = encoder.linear(embedded, batch.mask)
    found = probability_gradient(model, encoder, linear + encoder.bias, batch, detach_attention=detach_attention)
    return Along(encoder.along(embedded, linear, found.gradient), found.probability, found.target)
