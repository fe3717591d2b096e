"""Kendall's tau between two methods."""

import numpy as np

import reference
from attnexplain.metrics.kendall_tau import measure
from attnexplain.metrics.ragged import Ragged
from attnexplain.seeding import generator
from benchmarks import inputs
from benchmarks.case import NO_ENCODER, Case, Results, Setting, Stage, by_length


def build(setting: Setting) -> Case:
    """tau and p of every text, without ties, as scores of models are."""
    counts, some = inputs.lengths(setting), inputs.few(setting)
    a, b = (generator(inputs.SEED, "generation", name).random(counts.sum()) for name in ("scores", "others"))
    ragged = [Ragged.from_lengths(values, counts) for values in (a, b)]
    ends = np.cumsum(counts)[:-1]
    rows = [np.split(values, ends) for values in (a, b)]

    def fast() -> Results:
        found = measure(*ragged, sign="absolute")
        return dict(enumerate(np.stack([found.value, found.p_value], axis=1)))

    return Case(
        fast=fast,
        naive=lambda: {at: np.array(reference.kendall_tau(rows[0][at], rows[1][at])) for at in some},
        mean_tokens=inputs.mean_tokens(setting),
    )


TAU = Stage(
    name="Kendall tau",
    about="tau-b and its p-value between the scores of two methods. Reference: scipy, text by text.",
    build=build,
    examples=by_length((9000, 600, 600), (2000, 400, 400), (1000, 200, 200)),
    tolerance=1e-12,
    encoders=NO_ENCODER,
    on_gpu=False,
)
