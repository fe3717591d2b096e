"""Fixed examples decoded again under other attention, many at once; in float64.

A decoder takes a few linear functions of a state: mixing those of the words equals mixing their states.
"""

from collections.abc import Sequence

import numpy as np
import torch

from attnexplain.experiments.decoding import Decoding, repeated
from attnexplain.experiments.fixed import FixedExample, Floats
from attnexplain.experiments.slab import positive


def predictions(examples: Sequence[FixedExample], attention: Sequence[Floats]) -> list[Floats]:
    """Attention (D, L) of each example -> probabilities (D, C); D and L may differ between examples."""
    return answers(examples, [rows @ parts(example) for example, rows in zip(examples, attention, strict=True)])


def parts(example: FixedExample) -> Floats:
    """What the decoder takes of each word (L, K)."""
    if example.values is not None:
        return example.values
    taken: Floats = (example.states @ example.decoder.linear().T).numpy()  # type: ignore[operator]
    return taken


@torch.no_grad()
def answers(examples: Sequence[FixedExample], mixed: Sequence[Floats]) -> list[Floats]:
    """Mixtures (M, K) of the parts of each example -> probabilities (M, C).

    A mixture of zeros is that of no attention at all: the decoder's biases, and the question of a pair, decide.
    """
    counts = [len(rows) for rows in mixed]
    together = torch.from_numpy(np.concatenate(mixed))
    logits = examples[0].decoder.answer(together, repeated(examples, counts))  # type: ignore[operator]
    return np.split(_probabilities(logits), np.cumsum(counts)[:-1])


def _probabilities(logits: torch.Tensor) -> Floats:
    """Logits (M, 1) or (M, C) -> (M, C), of full precision for two classes too."""
    if logits.shape[-1] > 1:
        return np.asarray(logits.softmax(dim=-1).numpy())
    return np.concatenate([positive(-logits.numpy()), positive(logits.numpy())], axis=-1)


@torch.enable_grad()
def gradients(examples: Sequence[FixedExample]) -> list[Floats]:
    """Per example the derivatives (L,) of its largest probability by each attention weight, at the learned weights.

    The weights are free variables here; along the simplex, where they sum to 1, every derivative of a text would be
    less by one and the same number, the mean.
    """
    lengths = [len(example.weights) for example in examples]
    learned = torch.zeros(len(examples), 1, max(1, *lengths), dtype=torch.float64)
    for row, example in zip(learned, examples, strict=True):
        row[0, : len(example.weights)] = torch.from_numpy(example.weights)
    learned.requires_grad_()
    probability = Decoding(examples, 1)(learned)[:, 0]
    (found,) = torch.autograd.grad(probability.max(dim=-1).values.sum(), learned)
    return [row[0, :length].numpy() for row, length in zip(found, lengths, strict=True)]
