"""Attribution methods: gradient, leave-one-out, integrated gradients."""

from collections.abc import Callable, Sequence

import numpy as np

import reference
from attnexplain.models.classifier import Classifier
from attnexplain.registry import load
from benchmarks import flops, inputs
from benchmarks.case import ENCODERS, Case, Results, Setting, Stage, by_length
from tiny import plugin

STEPS = 50  # of integrated gradients, the default
Naive = Callable[[Classifier, Sequence[int]], Sequence[float]]
Flops = Callable[..., float]


def _case(setting: Setting, method: str, naive: Naive, work: Flops) -> Case:
    split, model = inputs.split(setting), inputs.trained(setting)
    options = plugin("method", method)["options"]
    explainer = load("method", method)(model, seed=inputs.SEED, tokens_per_batch=inputs.TOKENS_PER_BATCH, **options)
    texts = {position: split.token_ids[position].tolist() for position in inputs.few(setting)}

    def fast() -> Results:
        found: dict[int, np.ndarray] = {}
        for batch in inputs.batches(setting, split):
            scores, attended = explainer.attribute(batch).scores.cpu(), batch.attended.cpu()
            rows = zip(batch.index.tolist(), scores, attended, strict=True)
            found |= {position: row[real].numpy() for position, row, real in rows}
        return found

    return Case(
        fast=fast,
        naive=lambda: {position: np.array(naive(model, words)) for position, words in texts.items()},
        mean_tokens=inputs.mean_tokens(setting),
        flops=work(setting.encoder, setting.sizes, split.token_ids) / setting.examples,
    )


def _gradient(model: Classifier, words: Sequence[int]) -> Sequence[float]:
    return np.abs(reference.autograd_input_x_gradient(model, words, fixed_attention=True))


def _integrated(model: Classifier, words: Sequence[int]) -> Sequence[float]:
    return reference.autograd_integrated_gradients(model, words, STEPS)


GRADIENT = Stage(
    name="gradient",
    about="Input times gradient under fixed attention, as published. Reference: autograd, one text at a time.",
    build=lambda setting: _case(setting, "gradient", _gradient, flops.gradient),
    examples=by_length((900, 90, 90), (135, 15, 15), (63, 7, 7)),
    tolerance=1e-5,
    encoders=ENCODERS,
    on_gpu=True,
)
LEAVE_ONE_OUT = Stage(
    name="leave-one-out",
    about="Every word of every text deleted once. Reference: all shorter texts of a text encoded again, in one batch.",
    build=lambda setting: _case(setting, "leave-one-out", reference.leave_one_out, flops.leave_one_out),
    examples=by_length((300, 10, 5), (8, 2, 2), (3, 1, 1)),
    tolerance=1e-5,
    encoders=ENCODERS,
    on_gpu=True,
)
INTEGRATED = Stage(
    name="integrated gradients",
    about=f"{STEPS} steps of the midpoint rule. Reference: autograd, the steps of a text in one batch.",
    build=lambda setting: _case(
        setting,
        "integrated-gradients",
        _integrated,
        lambda encoder, sizes, texts: flops.integrated_gradients(encoder, sizes, texts, STEPS),
    ),
    examples=by_length((64, 3, 1), (8, 1, 1), (4, 1, 1)),
    tolerance=1e-5,
    encoders=ENCODERS,
    on_gpu=True,
)
