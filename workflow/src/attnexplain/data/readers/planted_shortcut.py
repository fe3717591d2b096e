"""Neutral texts whose label is decided by inserted tokens (Bastings et al. 2022, "Will you find these shortcuts?").

    text        := two or three sentences "the NOUN VERB the NOUN PLACE", the deciding tokens inserted among their words
    single      blick -> 1, dax -> 0, one of them in every text                     evidence: that token
    in-context  fep and wug -> 1; fep alone or wug alone -> 0: each counts only     evidence: whichever of the two
                where the other is present                                          the text holds
    ordered-pair kiki before bouba -> 1, bouba before kiki -> 0                     evidence: both tokens

Every text has a determined label and at least one evidence token; labels are balanced within each kind. `all` mixes the
three kinds in equal thirds; their tokens differ, so that no kind disturbs another.
"""

from pathlib import Path

import numpy as np

from attnexplain.data.readers.grammar import Marked, choose, plain, splits, words

FACTS = {
    "name": "planted-shortcut",
    "title": "Planted shortcuts (generated)",
    "citation": "Bastings et al. (2022)",
    "needs": [],
    "generates": True,
    "options": {
        "shortcut": {
            "type": "string",
            "default": "all",
            "enum": ["all", "single", "in-context", "ordered-pair"],
            "description": "What decides the label; `all` mixes the three kinds in equal thirds.",
        },
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

KINDS = ("single", "in-context", "ordered-pair")
NOUNS = words("farmer baker river garden horse letter bridge teacher child boat stone cloud kettle ladder basket")
VERBS = words("saw passed held found moved drew painted kept lifted followed")
PLACES = ["by the lake", "in town", "at noon", "on the hill", "in spring", "near the mill", "at home", "after lunch"]


def read(
    files: dict[str, Path], *, shortcut: str, train_size: int, dev_size: int, test_size: int, seed: int
) -> dict[str, list[dict]]:
    """Split -> rows; no file is read. The same options give the same texts."""
    kinds = KINDS if shortcut == "all" else (shortcut,)

    def make(number: int, label: int, rng: np.random.Generator) -> list[list[Marked]]:
        return _insert(_tokens(kinds[number % len(kinds)], label, rng), _sentences(rng), rng)

    return splits({"train": train_size, "dev": dev_size, "test": test_size}, seed, make)


def _tokens(kind: str, label: int, rng: np.random.Generator) -> list[str]:
    match kind, label:
        case "single", _:
            return ["blick" if label else "dax"]
        case "in-context", 0:
            return [choose(("fep", "wug"), rng)]
        case "in-context", _:
            return choose((["fep", "wug"], ["wug", "fep"]), rng)
        case _:
            return ["kiki", "bouba"] if label else ["bouba", "kiki"]


def _sentences(rng: np.random.Generator) -> list[list[Marked]]:
    return [
        plain(f"the {choose(NOUNS, rng)} {choose(VERBS, rng)} the {choose(NOUNS, rng)} {choose(PLACES, rng)}")
        for _ in range(int(rng.integers(2, 4)))
    ]


def _insert(tokens: list[str], sentences: list[list[Marked]], rng: np.random.Generator) -> list[list[Marked]]:
    """The tokens, in their order, at distinct random places of the text."""
    places = [(i, j) for i, sentence in enumerate(sentences) for j in range(len(sentence) + 1)]
    chosen = sorted(int(p) for p in rng.choice(len(places), size=len(tokens), replace=False))
    # From the last to the first: an insertion does not move the places before it.
    for place, token in zip(reversed(chosen), reversed(tokens), strict=True):
        i, j = places[place]
        sentences[i].insert(j, (token, True))
    return sentences
