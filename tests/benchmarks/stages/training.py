"""Training: one epoch of the trainer, and the same steps in a plain loop."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

import reference
from attnexplain.data.batching import TokenisedSplit
from attnexplain.data.order import epoch_batches
from attnexplain.models.classifier import Classifier
from attnexplain.models.memory import Budget
from attnexplain.seeding import generator
from attnexplain.training import Trainer
from benchmarks import flops, inputs
from benchmarks.case import ENCODERS, Case, Setting, Stage, by_length

Spec = dict[str, Any]
DEV = 2  # texts: the trainer looks at dev after each epoch, and there is nothing to compare that with


def build(setting: Setting) -> Case:
    """Every call is the next epoch; the difference is that of the two loss curves."""
    split, spec, model = inputs.split(setting), inputs.spec(setting), inputs.untrained(setting)
    return Case(
        fast=_ours(setting, split, spec, copy.deepcopy(model)),
        naive=_plain(split, spec, model),
        mean_tokens=inputs.mean_tokens(setting),
        flops=_flops(setting, split, spec) / setting.examples,
    )


def _ours(setting: Setting, split: TokenisedSplit, spec: Spec, model: Classifier) -> Callable[[], dict[int, float]]:
    dev = TokenisedSplit(split.table.slice(0, DEV), split.n_classes)
    options = {"device": setting.device, "budget": Budget(inputs.TOKENS_PER_BATCH)}
    trainer = Trainer(model, split, dev, spec, state=setting.scratch / "state.pt", **options)
    curve: dict[int, float] = {}

    def epoch() -> dict[int, float]:
        number = len(curve) + 1
        curve[number] = trainer._epoch(number).train_loss
        return dict(curve)

    return epoch


def _plain(split: TokenisedSplit, spec: Spec, model: Classifier) -> Callable[[], dict[int, float]]:
    training, texts, labels = spec["training"], [row.tolist() for row in split.token_ids], split.labels.tolist()
    adam = reference.optimiser(model, training["learning_rate"], training["weight_decay"])
    curve: dict[int, float] = {}

    def epoch() -> dict[int, float]:
        batches = [rows.tolist() for rows in _batches(split, spec, len(curve) + 1)]
        weight = labels.count(0) / labels.count(1)
        curve[len(curve) + 1] = reference.training_epoch(model, adam, texts, labels, batches, weight)
        return dict(curve)

    return epoch


def _batches(split: TokenisedSplit, spec: Spec, number: int) -> list[np.ndarray]:
    order = generator(spec["seed"], "data-order", number)
    return epoch_batches(split.lengths + 2, spec["training"]["batch_size"], order)


def _flops(setting: Setting, split: TokenisedSplit, spec: Spec) -> float:
    batches = [[split.token_ids[row] for row in rows] for rows in _batches(split, spec, 1)]
    return flops.training_epoch(setting.encoder, setting.sizes, batches)


TRAINING = Stage(
    name="training epoch",
    about="One epoch of the trainer in batches of 32, its look at two texts of dev included. Reference: the same "
    "batches in a plain loop, with Adam (AMSGrad) parameter by parameter. Difference: of the losses of all epochs run.",
    build=build,
    examples=by_length((320, 320, 320), (96, 96, 96), (64, 64, 64)),
    tolerance=1e-4,
    encoders=ENCODERS,
    on_gpu=True,
)
