"""Word classes of English by lists of closed classes: a coarse stand-in for parts of speech that needs no tagger.

The lists were written for this package and have its licence. A form stands in one list alone, that of its commonest
use: `that` is a pronoun, `to` a preposition. A token has the first class that holds:

    listed        the user's own words
    number        it begins with a digit, a sign before it or not
    punctuation   no letter and no digit in it
    negation      in the list, or a contraction in n't
    the lists of closed classes; a contraction is what stands before its apostrophe (it's: pronoun)
    content       everything else
"""

import re

import numpy as np
import pyarrow as pa

from attnexplain.metrics.ragged import Integers

_CLOSED = {
    "negation": "no not never none nobody nothing nowhere neither nor cannot n't nt without",
    "determiner": """
        a an the this these those every each all both half either some any another such what which whose
        my your his its our their much many more most few fewer less least several enough
    """,
    "pronoun": """
        i me mine myself you yours yourself yourselves he him himself she her hers herself it itself we us ours
        ourselves they them theirs themselves that who whom whoever whatever whichever one oneself
        someone somebody something anyone anybody anything everyone everybody everything there
    """,
    "preposition": """
        of in to for with on at by from about into over after between under against during before above below
        through throughout across behind beneath beside besides beyond near off onto out outside inside upon toward
        towards among amongst amid around along despite except per via within unlike since until till down up
        past
    """,
    "conjunction": """
        and or but if because while although though unless whereas whether than as so yet when whenever where
        wherever lest once
    """,
    "auxiliary": """
        be am is are was were been being have has had having do does did doing done can could may might must shall
        should will would ought 's 're 've 'll 'd 'm
    """,
}
LISTS = {name: frozenset(text.split()) for name, text in _CLOSED.items()}
CLASSES = (*LISTS, "punctuation", "number", "content", "listed")

_CLASS = {form: name for name, forms in LISTS.items() for form in forms}
_NUMBER = re.compile(r"[^\w\s]?\d")


def classify(token: str) -> str:
    """Class of a token by its surface form, whatever its case."""
    form = token.lower().replace("’", "'")
    if _NUMBER.match(form):
        return "number"
    if not any(character.isalnum() for character in form):
        return "punctuation"
    if form.endswith("n't"):
        return "negation"
    return _CLASS.get(form) or _CLASS.get(form.partition("'")[0], "content")


def classes_of(tokens: pa.StringArray, listed: str = "") -> Integers:
    """Index in CLASSES of each token (M,); `listed` are one's own words, parted by blanks."""
    own = set(listed.lower().split())
    encoded = tokens.dictionary_encode()  # a word is looked up once, however often it stands there
    names = ["listed" if form.lower() in own else classify(form) for form in encoded.dictionary.to_pylist()]
    places = np.array([CLASSES.index(name) for name in names], np.int64)
    return np.asarray(places[encoded.indices.to_numpy()])
