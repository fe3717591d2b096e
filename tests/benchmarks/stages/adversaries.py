"""Adversarial attention over fixed states: the published search, and the exact answer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import reference
from attnexplain.experiments.adversary import Adversary
from attnexplain.experiments.adversary_exact import AdversaryExact, Answer
from attnexplain.experiments.fixed import FixedExample, fixed_examples
from attnexplain.registry import load
from attnexplain.seeding import generator
from benchmarks import inputs
from benchmarks.case import RECURRENT, Case, Results, Setting, Stage, by_length
from tiny import plugin

TEXTS_ENUMERATED = 2  # by the slow reference, the shortest
ENTAILMENTS = 3  # classes of pairs

Answers = dict[int, Answer]  # by position


def _experiment(name: str) -> Any:
    return load("experiment", name)(None, seed=inputs.SEED, **plugin("experiment", name)["options"])


def _batches(setting: Setting, classes: int = 2, pairs: bool = False) -> list[dict[int, FixedExample]]:
    """By position, batch by batch."""
    split, model = inputs.split(setting, classes, pairs=pairs), inputs.trained(setting, classes, pairs=pairs)
    found = inputs.batches(setting, split)
    return [dict(zip(batch.index.tolist(), fixed_examples(model, batch), strict=True)) for batch in found]


def _examples(batches: list[dict[int, FixedExample]]) -> list[FixedExample]:
    """In the order of the split."""
    found = {position: example for batch in batches for position, example in batch.items()}
    return [found[position] for position in range(len(found))]


def build_search(setting: Setting) -> Case:
    """The largest divergence found, from the same starts."""
    batches, ids, search = _batches(setting), inputs.example_ids(setting), _experiment("adversary")
    examples = _examples(batches)

    def fast() -> Results:
        found: dict[int, float] = {}
        for batch in batches:
            ended = search._search(list(batch.values()), [ids[at] for at in batch])
            found |= {at: search._select(batch[at], one)[0] for at, one in zip(batch, ended, strict=True)}
        return found

    def naive() -> Results:
        return {at: _searched(search, examples[at], ids[at]) for at in inputs.few(setting)}

    return Case(fast, naive, inputs.mean_tokens(setting))


def _searched(search: Adversary, example: FixedExample, example_id: str) -> float:
    length = len(example.weights)
    drawn = generator(inputs.SEED, "sampling", "adversary", example_id).standard_normal((search.restarts, length))
    weights, v, bias = torch.from_numpy(example.weights), torch.from_numpy(example.values[:, 0]), float(example.bias[0])
    found = reference.adversary_search(
        weights,
        v,
        bias,
        torch.from_numpy(3 * drawn - np.log(length)),
        steps=search.steps,
        learning_rate=search.learning_rate,
        penalty=search.penalty,
        epsilon=search.epsilon_search,
    )
    return reference.farthest(weights.tolist(), found, v.tolist(), bias, search.epsilon_select)


def build_exact(setting: Setting, classes: int = 2, pairs: bool = False) -> Case:
    """Every example answered; the published search of several of them, together, is what it is compared in speed to."""
    batches, ids = _batches(setting, classes, pairs), inputs.example_ids(setting)
    exact, search = _experiment("adversary-exact"), _experiment("adversary")
    examples = {at: example for batch in batches for at, example in batch.items()}
    some = inputs.middling(setting)

    def fast() -> Answers:
        found: Answers = {}
        for batch in batches:
            answers = exact.answers(list(batch.values()), [ids[at] for at in batch])
            found |= dict(zip(batch, answers, strict=True))
        return found

    def naive() -> None:
        search._search([examples[at] for at in some], [ids[at] for at in some])

    return Case(fast, naive, inputs.mean_tokens(setting), difference=_from_definition(exact, examples))


def _from_definition(exact: AdversaryExact, examples: dict[int, FixedExample]) -> Callable[[Answers, None], float]:
    """Of two classes, from the enumeration of all vertices on the shortest texts; of all, what is found is looked at
    again: its divergence and its distance.
    """

    def difference(answers: Answers, _: None) -> float:
        found = [0.0]
        for at, answer in answers.items():
            divergence = reference.jensen_shannon(examples[at].weights.tolist(), answer.attention.tolist())
            moved = float(examples[at].distance(answer.attention[None])[0])
            found += [abs(divergence - answer.jsd_found), abs(moved - answer.tvd), max(0.0, moved - exact.epsilon)]
        shortest = sorted(examples, key=lambda at: len(examples[at].weights))[:TEXTS_ENUMERATED]
        for at in (at for at in shortest if examples[at].is_binary):
            weights, v, bias = examples[at].weights.tolist(), examples[at].values[:, 0].tolist(), examples[at].bias[0]
            enumerated = reference.adversary_exact(weights, v, float(bias), exact.epsilon)
            found.append(abs(answers[at].jsd_max - enumerated))
        return max(found)

    return difference


SEARCH = Stage(
    name="search adversary",
    about="The published search (five distributions, 500 steps) of all texts of a batch together, states known. "
    "Reference: the same search of one text at a time, from the same starts.",
    build=build_search,
    examples=by_length((90, 2, 2), (21, 1, 1), (9, 1, 1)),
    tolerance=1e-6,
    encoders=RECURRENT,
    on_gpu=False,
)
_ABOUT = (
    "states known. Reference for speed: the published search at its defaults, of several texts of the mean length "
    "together. Difference: "
)
_AGAIN = "divergence and distance of the attention found, computed again"
EXACT = Stage(
    name="exact adversary",
    about=f"The farthest attention of two classes, {_ABOUT}from the enumeration of all vertices on the "
    f"{TEXTS_ENUMERATED} shortest texts; {_AGAIN}.",
    build=build_exact,
    examples=by_length((300, 20, 5), (60, 6, 5), (15, 3, 5)),
    tolerance=1e-9,
    encoders=RECURRENT,
    on_gpu=False,
)
EXACT_THREE = Stage(
    name="exact adversary, three classes",
    about=f"Bounds of the farthest attention of three classes, {_ABOUT}{_AGAIN}.",
    build=lambda setting: build_exact(setting, 3),
    examples=by_length((9, 9, 1), (3, 3, 1), (3, 3, 1)),
    tolerance=1e-9,
    encoders=RECURRENT,
    on_gpu=False,
    tokens=(20,),
)
EXACT_PAIRS = Stage(
    name="exact adversary, pairs",
    about=f"Bounds of the farthest attention of pairs of texts with three classes, {_ABOUT}{_AGAIN}.",
    build=lambda setting: build_exact(setting, ENTAILMENTS, True),
    examples=by_length((5, 5, 1), (3, 3, 1), (3, 3, 1)),
    tolerance=1e-9,
    encoders=RECURRENT,
    on_gpu=False,
    tokens=(20,),
)
