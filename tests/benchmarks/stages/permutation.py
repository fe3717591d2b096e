"""Permuted attention over known states."""

import numpy as np
import torch

import reference
from attnexplain.experiments.orders import orders
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
    with torch.no_grad():
        passed = [(batch, model(batch)) for batch in inputs.batches(setting, split)]
        texts = {at: reference.forward(model, split.token_ids[at].tolist()) for at in inputs.few(setting)}

    def fast() -> Results:
        found: dict[int, float] = {}
        for batch, output in passed:
            positions, weights = batch.index.tolist(), output.weights.double().cpu()
            some = [ids[position] for position in positions]
            distances = experiment.distances(weights, output.values, None, batch.attended.cpu(), some)
            found |= dict(zip(positions, np.median(distances, axis=1), strict=True))
        return found

    # Drawing the orders is no part of the method compared with.
    drawn = {at: _orders(ids[at], len(known[1]) - 2) for at, known in texts.items()}

    def naive() -> Results:
        return {at: reference.decoded_orders(model, known, drawn[at]) for at, known in texts.items()}

    return Case(fast, naive, inputs.mean_tokens(setting))


def _orders(example_id: str, length: int) -> np.ndarray:
    """The permutations (DRAWS, L) that an example is given."""
    return orders(generator(inputs.SEED, "sampling", "permutation", example_id), DRAWS, length)


PERMUTATION = Stage(
    name="permutation",
    about=f"{DRAWS} permutations of the attention of every text, states known. Reference: the same, text by text and "
    "order by order, each mixed from the states and decoded. Bound by random numbers and sorting.",
    build=build,
    examples=by_length((900, 45, 45), (135, 27, 27), (63, 9, 9)),
    tolerance=1e-5,
    encoders=RECURRENT,
    on_gpu=True,
)
