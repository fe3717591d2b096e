"""Where the attention lies by class of word: function words of several kinds, negations, punctuation, numbers, content.

mass_<class>    sum of the attention weights of the class's tokens; over all classes they sum to 1
share_<class>   share of the text's tokens that are of the class: the mass under uniform attention
ratio_<class>   mass over share, 1 where the class draws as much attention as any token

The null model gives the text's weights to its tokens in random order: the mass of k of n tokens then has mean k / n and
variance k (n - k) / (n (n - 1)) sum_t (a_t - 1 / n)^2. The classes are those of English (`metrics/word_classes.py`);
Mohankumar et al. (2020) sum attention over part-of-speech tags in the same way.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from attnexplain.metrics.ragged import Floats, Integers, Ragged
from attnexplain.metrics.result import Measured, Reasons, first_reason
from attnexplain.metrics.word_classes import CLASSES, classes_of

FACTS = {
    "name": "attention-by-word-class",
    "title": "Attention by word class",
    "citation": "after Mohankumar et al. (2020), section 5",
    "needs": ["attention", "words"],
    "kind": "words",
    "range": [0.0, None],
    "direction": "neither",
    "p_value": False,
    "null": "all permutations of the attention weights among the same tokens",
    "options": {
        "words": {
            "type": "string",
            "default": "",
            "description": "Words of one's own, parted by blanks: the class `listed`, taken out of the others.",
        },
    },
    "columns": {
        "mass_negation": {"description": "Attention on negations", "range": [0.0, 1.0], "direction": "neither"},
        "mass_determiner": {"description": "Attention on determiners", "range": [0.0, 1.0], "direction": "neither"},
        "mass_pronoun": {"description": "Attention on pronouns", "range": [0.0, 1.0], "direction": "neither"},
        "mass_preposition": {"description": "Attention on prepositions", "range": [0.0, 1.0], "direction": "neither"},
        "mass_conjunction": {"description": "Attention on conjunctions", "range": [0.0, 1.0], "direction": "neither"},
        "mass_auxiliary": {"description": "Attention on auxiliary verbs", "range": [0.0, 1.0], "direction": "neither"},
        "mass_punctuation": {"description": "Attention on punctuation", "range": [0.0, 1.0], "direction": "neither"},
        "mass_number": {"description": "Attention on numbers", "range": [0.0, 1.0], "direction": "neither"},
        "mass_content": {"description": "Attention on content words", "range": [0.0, 1.0], "direction": "neither"},
        "mass_listed": {
            "description": "Attention on the words of the option",
            "range": [0.0, 1.0],
            "direction": "neither",
        },
        "share_negation": {"description": "Share of tokens: negations", "range": [0.0, 1.0], "direction": "neither"},
        "share_determiner": {
            "description": "Share of tokens: determiners",
            "range": [0.0, 1.0],
            "direction": "neither",
        },
        "share_pronoun": {"description": "Share of tokens: pronouns", "range": [0.0, 1.0], "direction": "neither"},
        "share_preposition": {
            "description": "Share of tokens: prepositions",
            "range": [0.0, 1.0],
            "direction": "neither",
        },
        "share_conjunction": {
            "description": "Share of tokens: conjunctions",
            "range": [0.0, 1.0],
            "direction": "neither",
        },
        "share_auxiliary": {
            "description": "Share of tokens: auxiliary verbs",
            "range": [0.0, 1.0],
            "direction": "neither",
        },
        "share_punctuation": {
            "description": "Share of tokens: punctuation",
            "range": [0.0, 1.0],
            "direction": "neither",
        },
        "share_number": {"description": "Share of tokens: numbers", "range": [0.0, 1.0], "direction": "neither"},
        "share_content": {"description": "Share of tokens: content words", "range": [0.0, 1.0], "direction": "neither"},
        "share_listed": {
            "description": "Share of tokens: the words of the option",
            "range": [0.0, 1.0],
            "direction": "neither",
        },
        "ratio_negation": {
            "description": "mass_negation / share_negation",
            "range": [0.0, None],
            "direction": "neither",
        },
        "ratio_determiner": {
            "description": "mass_determiner / share_determiner",
            "range": [0.0, None],
            "direction": "neither",
        },
        "ratio_pronoun": {"description": "mass_pronoun / share_pronoun", "range": [0.0, None], "direction": "neither"},
        "ratio_preposition": {
            "description": "mass_preposition / share_preposition",
            "range": [0.0, None],
            "direction": "neither",
        },
        "ratio_conjunction": {
            "description": "mass_conjunction / share_conjunction",
            "range": [0.0, None],
            "direction": "neither",
        },
        "ratio_auxiliary": {
            "description": "mass_auxiliary / share_auxiliary",
            "range": [0.0, None],
            "direction": "neither",
        },
        "ratio_punctuation": {
            "description": "mass_punctuation / share_punctuation",
            "range": [0.0, None],
            "direction": "neither",
        },
        "ratio_number": {"description": "mass_number / share_number", "range": [0.0, None], "direction": "neither"},
        "ratio_content": {"description": "mass_content / share_content", "range": [0.0, None], "direction": "neither"},
        "ratio_listed": {"description": "mass_listed / share_listed", "range": [0.0, None], "direction": "neither"},
    },
}


def measure(weights: Ragged, tokens: pa.StringArray, *, words: str) -> Mapping[str, Measured]:
    """Mass, share and ratio of each class per example; `tokens` are the surface forms in the order of the values.

    Undefined: no tokens, NaN weights; the ratio also where the text has no token of the class. Columns of the class
    `listed` are there where `words` are given.
    """
    mass, share, std = _moments(weights, classes_of(tokens, words))
    nothing, nan = weights.lengths == 0, weights.has_nan()
    found: dict[str, Measured] = {}
    for place, name in enumerate(CLASSES if words.split() else CLASSES[:-1]):
        reasons = first_reason(len(weights), (nothing, "no tokens"), (nan, "scores are NaN"))
        absent = first_reason(
            len(weights), (nothing, "no tokens"), (nan, "scores are NaN"), (share[place] == 0, "no token of the class")
        )
        present = np.where(share[place] > 0, share[place], np.nan)
        found[f"mass_{name}"] = _measured(mass[place], reasons, share[place], std[place])
        found[f"share_{name}"] = _measured(share[place], reasons)
        found[f"ratio_{name}"] = _measured(mass[place] / present, absent, np.ones(len(weights)), std[place] / present)
    return found


def _moments(weights: Ragged, classes: Integers) -> tuple[Floats, Floats, Floats]:
    """Mass, share and standard deviation of the mass under the null model, of each class and example (C, N)."""
    n_classes, n = len(CLASSES), weights.lengths
    row = np.repeat(np.arange(len(weights)), n)
    cell, shape = row * n_classes + classes, (len(weights), n_classes)
    mass = np.bincount(cell, weights.values, minlength=shape[0] * n_classes).reshape(shape).T
    count = np.bincount(cell, minlength=shape[0] * n_classes).reshape(shape).T
    length = np.maximum(n, 1)
    mean = np.bincount(row, weights.values, minlength=len(weights)) / length
    squares = np.bincount(row, (weights.values - mean[row]) ** 2, minlength=len(weights))
    variance = count * (n - count) * squares / (length * np.maximum(n - 1, 1))
    return np.clip(mass, None, 1.0), count / length, np.sqrt(variance)


def _measured(
    value: Floats, reasons: Reasons, null_mean: Floats | None = None, null_std: Floats | None = None
) -> Measured:
    """Values and moments, NaN where there is a reason."""
    undefined = np.array([reason is not None for reason in reasons], bool)
    parts = [None if part is None else np.where(undefined, np.nan, part) for part in (value, null_mean, null_std)]
    return Measured(np.where(undefined, np.nan, value), None, reasons, parts[1], parts[2])
