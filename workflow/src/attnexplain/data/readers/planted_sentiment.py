"""Generated reviews whose sentiment is decided by one adjective and its negator; every other word is noise.

    text       := clauses in random order: one OPINION and two DISTRACTORs, each a sentence
    OPINION    := "the" THING "was" [NEGATOR] [DEGREE] ADJECTIVE             "the film was not very good"
                | "it was" [NEGATOR] "a" [DEGREE] ADJECTIVE THING            "it was never a good film"
                | "this" THING "seemed" [NEGATOR] [DEGREE] ADJECTIVE "to me"
    DISTRACTOR := "the" OBJECT "was" [NEGATOR] STATE                         "the bus was not late"
                | PERSON "did" [NEGATOR] ACTION "the" OBJECT                 "my sister did not see the door"
                | PERSON "sat near the" OBJECT "for an" TIME

Label = polarity of the adjective XOR negated. The opinion is negated with probability 0.4, independent of label
and polarity; a distractor of the first two kinds is negated with probability 0.5, independent of everything. So a
negator in the bag of words says little: only its place does, and the adjective alone is right in 60 % of texts.
Evidence: the adjective and, where the opinion is negated, the negator. Opinion adjectives stand in no distractor.
"""

from pathlib import Path

import numpy as np

from attnexplain.data.readers.grammar import Marked, choose, plain, splits, words

FACTS = {
    "name": "planted-sentiment",
    "title": "Planted sentiment (generated)",
    "citation": "",
    "needs": [],
    "generates": True,
    "options": {
        "train_size": {"type": "integer", "default": 2000, "minimum": 2, "description": "Texts to train on."},
        "dev_size": {
            "type": "integer",
            "default": 400,
            "minimum": 2,
            "description": "Texts to choose a checkpoint on.",
        },
        "test_size": {"type": "integer", "default": 400, "minimum": 2, "description": "Texts to explain."},
        "seed": {"type": "integer", "default": 0, "minimum": 0, "description": "Seed of the generator."},
    },
}

NEGATION = 0.4
DISTRACTOR_NEGATION = 0.5
NEGATORS = ("not", "never")
DEGREES = ("very", "really", "quite", "so")
POSITIVE = words("good great lovely charming brilliant funny clever moving superb delightful")
NEGATIVE = words("bad awful dull boring terrible silly clumsy dreary horrible tedious")
THINGS = words("film movie story picture drama comedy")
OBJECTS = words("bus door seat window train street ticket coat lamp curtain table phone car bag clock wall")
STATES = words("late green open full old round wet empty cold wooden broken quiet heavy new narrow dark")
PERSONS = ["my sister", "my friend", "the driver", "our neighbour", "his cousin", "the guard", "her uncle", "the girl"]
ACTIONS = words("see open move touch watch leave carry notice find cross")
TIMES = words("hour evening afternoon")


def read(files: dict[str, Path], *, train_size: int, dev_size: int, test_size: int, seed: int) -> dict[str, list[dict]]:
    """Split -> rows; no file is read. The same options give the same texts."""
    return splits({"train": train_size, "dev": dev_size, "test": test_size}, seed, _clauses)


def _clauses(number: int, label: int, rng: np.random.Generator) -> list[list[Marked]]:
    clauses = [_opinion(label, rng)]
    clauses += [_distractor(rng), _distractor(rng)]
    return [clauses[i] for i in rng.permutation(len(clauses))]


def _opinion(label: int, rng: np.random.Generator) -> list[Marked]:
    negated = bool(rng.random() < NEGATION)
    adjective = [(choose(POSITIVE if bool(label) != negated else NEGATIVE, rng), True)]
    negator = [(choose(NEGATORS, rng), True)] if negated else []
    degree = plain(choose(DEGREES, rng)) if rng.random() < 0.5 else []
    thing = choose(THINGS, rng)
    match int(rng.integers(3)):
        case 0:
            return [*plain(f"the {thing} was"), *negator, *degree, *adjective]
        case 1:
            return [*plain("it was"), *negator, *plain("a"), *degree, *adjective, *plain(thing)]
        case _:
            return [*plain(f"this {thing} seemed"), *negator, *degree, *adjective, *plain("to me")]


def _distractor(rng: np.random.Generator) -> list[Marked]:
    negator = f"{choose(NEGATORS, rng)} " if rng.random() < DISTRACTOR_NEGATION else ""
    item, person = choose(OBJECTS, rng), choose(PERSONS, rng)
    match int(rng.integers(3)):
        case 0:
            return plain(f"the {item} was {negator}{choose(STATES, rng)}")
        case 1:
            return plain(f"{person} did {negator}{choose(ACTIONS, rng)} the {item}")
        case _:
            return plain(f"{person} sat near the {item} for an {choose(TIMES, rng)}")
