"""Floating-point operations that the best known algorithm needs: two per multiply-add of matrix products alone.

E is the size of the embedding, h `hidden`, H the size of the states (2h for the BiLSTM, h for the others). Elementwise
work, sums, softmax and the optimiser are left out: the limit is one of matrix products. Per

- distinct word of the set: its product with the encoder's input weights, since equal words have equal ones. BiLSTM
  2 E (8h), four gates in two directions; CNN 2 E (4h), a matrix h/4 x E per place in the windows of 1, 3, 5 and 7;
  average 2 E h;
- token, <sos> and <eos> counted: the recurrent product of the BiLSTM, 2 h (8h);
- word: the hidden layer of additive attention, 2 H (H/2); of the average encoder per distinct word, whose state is one.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.case import Sizes

SPECIAL = 2  # <sos> and <eos> of every text
WINDOW = 6  # states of the CNN whose widest window spans a given gap between two words
Texts = Sequence[np.ndarray]


def forward(encoder: str, sizes: Sizes, texts: Texts) -> float:
    """Of a whole set."""
    return _input(encoder, sizes, texts) + _recurrent(encoder, sizes, texts) + _attention(encoder, sizes, texts)


def training_epoch(encoder: str, sizes: Sizes, batches: Sequence[Texts]) -> float:
    """Every product forward, and again for the gradient of either factor; words are shared within a batch alone, since
    weights change between batches.
    """
    return 3 * sum(forward(encoder, sizes, batch) for batch in batches)


def gradient(encoder: str, sizes: Sizes, texts: Texts) -> float:
    """The recurrent product backwards too, under fixed attention; e . dp/de needs the input products alone, again."""
    return forward(encoder, sizes, texts) + _recurrent(encoder, sizes, texts)


def integrated_gradients(encoder: str, sizes: Sizes, texts: Texts, steps: int) -> float:
    """The input products are proportional to the share of the path and computed once; the others forwards and
    backwards at every step.
    """
    each = _recurrent(encoder, sizes, texts) + _attention(encoder, sizes, texts)
    return _input(encoder, sizes, texts) + 2 * steps * each


def leave_one_out(encoder: str, sizes: Sizes, texts: Texts) -> float:
    """Beyond a forward pass, the states that a deletion changes. BiLSTM: on either side of it those of one direction,
    so half a recurrent and half an attention product for each of L (L - 1) pairs; CNN: attention to the states whose
    window spans the gap; average: none.
    """
    lengths = np.array([len(text) for text in texts])
    recurrent, attention = _per_token(encoder, sizes)
    if encoder == "bilstm":
        changed = float((lengths * (lengths - 1)).sum()) * (recurrent + attention) / 2
    else:
        changed = float((lengths * np.minimum(WINDOW, lengths - 1)).sum()) * attention if encoder == "cnn" else 0.0
    return forward(encoder, sizes, texts) + changed


def _input(encoder: str, sizes: Sizes, texts: Texts) -> float:
    wide = {"bilstm": 8, "cnn": 4, "average": 1}[encoder] * sizes.hidden
    return 2.0 * sizes.embedding * wide * (_distinct(texts) + SPECIAL)


def _recurrent(encoder: str, sizes: Sizes, texts: Texts) -> float:
    return _per_token(encoder, sizes)[0] * sum(len(text) + SPECIAL for text in texts)


def _attention(encoder: str, sizes: Sizes, texts: Texts) -> float:
    return _per_token(encoder, sizes)[1] * (_distinct(texts) if encoder == "average" else sum(map(len, texts)))


def _per_token(encoder: str, sizes: Sizes) -> tuple[float, float]:
    """The recurrent product and that of attention."""
    states = 2 * sizes.hidden if encoder == "bilstm" else sizes.hidden
    recurrent = 2.0 * sizes.hidden * 8 * sizes.hidden if encoder == "bilstm" else 0.0
    return recurrent, 2.0 * states * (states // 2)


def _distinct(texts: Texts) -> int:
    return len(np.unique(np.concatenate(texts)))
