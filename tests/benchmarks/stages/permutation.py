"""Permuted attention, the forward pass included."""

import numpy as np

import reference
from attnexplain.registry import load
from attnexplain.seeding import generator
from benchmarks import inputs
from benchmarks.case import RECURRENT, Case, Results, Setting, Stage, by_length
from tiny import plugin

DRAWS = 100  # the default


def build(setting: Setting) -> Case:
    """Median distance of every text, under the same permutations."""
    split, model, ids = inputs.split(setting), inputs.trained(setting), inputs.example_ids(setting)
    options = plugin("experiment", "permutation")["options"]
    experiment = load("experiment", "permutation")(model, seed=inputs.SEED, **options)
    texts = {position: split.token_ids[position].tolist() for position in inputs.few(setting)}

    def fast() -> Results:
        found: dict[int, float] = {}
        for batch in inputs.batches(setting, split):
            positions = batch.index.tolist()
            columns = experiment.run(batch, [ids[position] for position in positions])
            found |= dict(zip(positions, columns["tvd_median"], strict=True))
        return found

    def naive() -> Results:
        return {at: reference.permutation(model, words, _orders(ids[at], len(words))) for at, words in texts.items()}

    return Case(fast, naive, inputs.mean_tokens(setting))


def _orders(example_id: str, length: int) -> np.ndarray:
    """The permutations (DRAWS, L) that an example is given."""
    return generator(inputs.SEED, "sampling", "permutation", example_id).random((DRAWS, length)).argsort(axis=1)


PERMUTATION = Stage(
    name="permutation",
    about=f"{DRAWS} permutations of the attention of every text, its forward pass included. Reference: the same, text "
    "by text and order by order, each mixed from the states and decoded. Bound by random numbers and sorting.",
    build=build,
    examples=by_length((900, 45, 45), (135, 27, 27), (63, 9, 9)),
    tolerance=1e-5,
    encoders=RECURRENT,
    on_gpu=True,
)
