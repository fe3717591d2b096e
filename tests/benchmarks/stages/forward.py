"""Prediction: every text through the model once."""

import numpy as np

import reference
from attnexplain.models.memory import Budget
from attnexplain.models.prediction import predict_logits
from benchmarks import flops, inputs
from benchmarks.case import ENCODERS, Case, Setting, Stage, by_length


def build(setting: Setting) -> Case:
    """Probabilities of every text."""
    split, model = inputs.split(setting), inputs.trained(setting)
    texts = [row.tolist() for row in split.token_ids]

    def fast() -> dict[int, np.ndarray]:
        logits = predict_logits(model, split, Budget(inputs.TOKENS_PER_BATCH), setting.device)
        return dict(enumerate(model.probabilities(logits).numpy()))

    return Case(
        fast=fast,
        naive=lambda: dict(enumerate(reference.predict(model, texts).numpy())),
        mean_tokens=inputs.mean_tokens(setting),
        flops=flops.forward(setting.encoder, setting.sizes, split.token_ids) / setting.examples,
    )


FORWARD = Stage(
    name="forward",
    about="Probabilities of all texts. Reference: batches of 32 texts as they stand, padded to the longest.",
    build=build,
    examples=by_length((800, 800, 800), (192, 192, 192), (100, 100, 100)),
    tolerance=1e-5,
    encoders=ENCODERS,
    on_gpu=True,
)
