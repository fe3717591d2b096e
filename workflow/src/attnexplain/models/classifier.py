"""The classifier of every run: embedding, encoder, attention over its states, linear decoder.

The models for single texts of Jain and Wallace (2019), with a decoder of one logit (two classes) or one per class.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from attnexplain import registry
from attnexplain.data.batching import Batch
from attnexplain.data.special_tokens import PAD
from attnexplain.errors import ResultError
from attnexplain.seeding import integer


@dataclass(frozen=True)
class Output:
    """Shapes: logits (B, 1) for two classes, else (B, C); weights (B, T); states (B, T, H); embedded (B, T, E)."""

    logits: Tensor
    weights: Tensor
    states: Tensor
    embedded: Tensor


class Classifier(nn.Module):
    """logits = W (sum_t a_t h_t) + b, with states h = encoder(e) and weights a = normaliser(attention(h)).

    Letters: B examples, T tokens, E embedding, H states, C classes. Two classes share one logit, that of class 1.
    """

    def __init__(
        self,
        embedding: nn.Embedding,
        encoder: nn.Module,
        attention: nn.Module,
        normaliser: nn.Module,
        decoder: nn.Linear,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.encoder = encoder
        self.attention = attention
        self.normaliser = normaliser
        self.decoder = decoder

    def forward(self, batch: Batch) -> Output:
        """All that the classifier computes on the way from token ids to logits."""
        embedded = self.embed(batch.token_ids)
        states = self.encode(embedded, batch.mask)
        weights = self.attend(states, batch.attended)
        return Output(self.decode(states, weights), weights, states, embedded)

    def embed(self, token_ids: Tensor) -> Tensor:
        """Token ids (B, T) -> embeddings (B, T, E); padding is 0."""
        embedded: Tensor = self.embedding(token_ids)
        return embedded

    def encode(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Embeddings (B, T, E) and mask (B, T) -> states (B, T, H)."""
        states: Tensor = self.encoder(embedded, mask)
        return states

    def attend(self, states: Tensor, attended: Tensor) -> Tensor:
        """States (B, T, H) and attended (B, T) -> attention weights (B, T)."""
        weights: Tensor = self.normaliser(self.attention(states, attended), attended)
        return weights

    def decode(self, states: Tensor, weights: Tensor) -> Tensor:
        """States (B, T, H) and weights (B, T) -> logits (B, 1) or (B, C)."""
        context = torch.einsum("bt,bth->bh", weights, states)
        logits: Tensor = self.decoder(context)
        return logits

    def probabilities(self, logits: Tensor) -> Tensor:
        """Logits (..., 1) or (..., C) -> probabilities (..., C); [1 - p, p] for two classes."""
        if logits.shape[-1] > 1:
            return logits.softmax(dim=-1)
        positive = logits.sigmoid()
        return torch.cat([1 - positive, positive], dim=-1)


def build_classifier(
    spec: Mapping[str, Any], vocabulary_size: int, vectors: tuple[np.ndarray, np.ndarray] | None = None
) -> Classifier:
    """The untrained classifier of a run; it depends on the spec and its seed, not on any global random state.

    `vectors` is (matrix (V, E), found (V,) bool): rows found start there, the others at 0, and E is the file's.
    """
    size = spec["training"]["embedding_size"] if vectors is None else int(vectors[0].shape[1])
    model = _assemble(spec, vocabulary_size, size)
    if vectors is not None:
        model.embedding.weight.data = _found(*vectors)
    return model


def load_classifier(
    path: Path, spec: Mapping[str, Any], vocabulary_size: int, device: torch.device | str = "cpu"
) -> Classifier:
    """A trained classifier in eval mode, its parameters frozen."""
    try:
        weights = load_file(path)
        model = _assemble(spec, vocabulary_size, int(weights["embedding.weight"].shape[1]))
        model.load_state_dict(weights)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise ResultError(f"{path}: not the model of run {spec['run']}; delete it to train again ({error})") from error
    return model.to(device).eval().requires_grad_(False)


def _assemble(spec: Mapping[str, Any], vocabulary_size: int, embedding_size: int) -> Classifier:
    """The parts a spec names. The embedding draws last: a larger vocabulary leaves the other initial values alone."""
    n_classes = len(spec["dataset"]["classes"])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(integer(spec["seed"], "initialisation"))
        encoder = _plugin("encoder", spec, embedding_size)
        attention = _plugin("attention", spec, encoder.size)
        decoder = nn.Linear(encoder.size, 1 if n_classes == 2 else n_classes)
        embedding = nn.Embedding(vocabulary_size, embedding_size, padding_idx=PAD)  # N(0, 1), padding 0
    embedding.weight.data *= spec["training"]["embedding_init_std"]
    return Classifier(embedding, encoder, attention, _plugin("normaliser", spec), decoder)


def _plugin(family: str, spec: Mapping[str, Any], *sizes: int) -> Any:
    return registry.load(family, spec[family]["name"])(*sizes, **spec[family]["options"])


def _found(matrix: np.ndarray, found: np.ndarray) -> Tensor:
    """Vectors as the initial embedding (V, E): 0 where the file has no vector, and at padding."""
    start = np.where(found[:, None], matrix, 0.0).astype(np.float32)
    start[PAD] = 0.0
    return torch.from_numpy(start)
