"""What a stage gives to be measured: its own way and the naive one over the same texts, and how far they differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

Results = Mapping[int, Any]  # per example (by its position) its numbers, in one array

RECURRENT = ("bilstm",)
ENCODERS = ("bilstm", "cnn", "average")
NO_ENCODER = ("none",)
Counts = tuple[int, int, int]


@dataclass(frozen=True)
class Sizes:
    """Of a model: words (as many as SST's), dimensions of the embedding, and the encoder's `hidden`."""

    vocabulary: int = 13_826
    embedding: int = 300
    hidden: int = 128


@dataclass(frozen=True)
class Setting:
    """One case of a stage: `examples` texts of so many different `lengths`, `tokens` in the mean; the naive reference
    goes through `reference_examples` of them. Files go to `scratch`.
    """

    encoder: str
    tokens: int
    examples: int
    reference_examples: int
    lengths: int
    scratch: Path
    device: torch.device
    sizes: Sizes = Sizes()


def largest_difference(found: Results, expected: Results) -> float:
    """Over all numbers of the examples that both have; infinite where their shapes differ or a number is NaN."""
    differences = [_difference(np.asarray(found[key]), np.asarray(expected[key])) for key in expected]
    return max(differences) if differences else float("inf")


def _difference(found: np.ndarray, expected: np.ndarray) -> float:
    if found.shape != expected.shape:
        return float("inf")
    difference = np.abs(found.astype(np.float64) - expected.astype(np.float64)).max(initial=0.0)
    return float(difference) if np.isfinite(difference) else float("inf")


@dataclass(frozen=True)
class Case:
    """`fast` and `naive` are called again and again; `flops` per example is what the best known algorithm needs."""

    fast: Callable[[], Any]
    naive: Callable[[], Any]
    mean_tokens: float
    flops: float | None = None
    difference: Callable[[Any, Any], float] = largest_difference


@dataclass(frozen=True)
class Stage:
    """A stage of the workflow.

    examples: of so many tokens -> how many the stage goes through at a call, how many its reference, how many lengths.
    tolerance: the largest difference that two ways of computing the same can have.
    tokens: the only lengths it is measured at; None: all that are asked for.
    on_gpu: whether it computes where the model is; the others are the CPU's.
    """

    name: str
    about: str
    build: Callable[[Setting], Case]
    examples: Callable[[int], Counts]
    tolerance: float
    encoders: tuple[str, ...]
    on_gpu: bool
    tokens: tuple[int, ...] | None = None


def by_length(short: Counts, middle: Counts, long: Counts) -> Callable[[int], Counts]:
    """The counts of texts of less than 100 tokens, less than 300, and more."""
    return lambda tokens: short if tokens < 100 else middle if tokens < 300 else long
