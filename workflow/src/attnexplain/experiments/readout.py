"""Attention decoded again over fixed states, many times: each token is read once, as far as mixing reaches.

Up to its first nonlinearity a decoder is linear in the attention, so a mixture of read tokens is the read mixture.
"""

from dataclasses import dataclass

import numpy as np

from attnexplain.experiments.fixed import FixedExample, Floats
from attnexplain.models.decoders.pair import PairDecoder


@dataclass(frozen=True)
class Readout:
    """What is left to do to mixed tokens, in float64.

    Shapes: parts (L, F), the tokens as read; logits of a mixture m (..., F) with weights that sum to 1 are m itself
    (linear decoders, F = C) or tanh(m) @ matrix + bias, with matrix (F, C) and bias (C,). C counts the classes that
    are allowed as answer.
    """

    parts: Floats
    matrix: Floats | None = None
    bias: Floats | None = None

    def logits(self, mixed: Floats) -> Floats:
        """(..., F) -> (..., C)."""
        if self.matrix is None or self.bias is None:
            return mixed
        return np.asarray(np.tanh(mixed) @ self.matrix + self.bias)

    def slopes(self, mixed: Floats, parts: Floats) -> Floats:
        """Derivatives of the logits at `mixed` (..., F) by the weights of tokens `parts` (..., K, F): (..., K, C)."""
        if self.matrix is None:
            return np.broadcast_to(parts, (*mixed.shape[:-1], *parts.shape[-2:]))
        return np.asarray(((1.0 - np.tanh(mixed) ** 2)[..., None, :] * parts) @ self.matrix)

    def probabilities(self, mixed: Floats) -> Floats:
        """(..., F) -> (..., C), rows sum to 1."""
        return np.exp(log_softmax(self.logits(mixed)))


def readout(example: FixedExample) -> Readout:
    """Of an example with several classes, or of a pair."""
    if example.values is not None and example.bias is not None:
        return Readout(example.values + example.bias)
    decoder, query = example.decoder, example.query
    assert isinstance(decoder, PairDecoder) and query is not None
    # The weights sum to 1, so what does not depend on the token may be added to each.
    parts = decoder.context(example.states) + decoder.query(query.vector)
    allowed = slice(None) if query.candidates is None else query.candidates[0]
    return Readout(parts.numpy(), decoder.output.weight[allowed].T.numpy(), decoder.output.bias[allowed].numpy())


def log_softmax(logits: Floats) -> Floats:
    """(..., C) -> (..., C), of full precision in small probabilities."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
