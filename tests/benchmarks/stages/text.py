"""From text to ids."""

import numpy as np

import reference
from attnexplain.data.vocabulary import build_vocabulary, encode
from attnexplain.registry import load
from benchmarks import inputs
from benchmarks.case import NO_ENCODER, Case, Results, Setting, Stage, by_length
from tiny import plugin

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def build(setting: Setting) -> Case:
    """Start, end and id (L, 3) of every token; the vocabulary is that of the texts."""
    texts = [_text(ids) for ids in inputs.word_ids(setting)]
    tokeniser = load("tokeniser", "word")(**plugin("tokeniser", "word")["options"])

    def fast() -> Results:
        split = [tokeniser.split(text) for text in texts]
        forms = [[form for _, _, form in tokens] for tokens in split]
        vocabulary = build_vocabulary(forms, tokeniser.min_frequency)
        ids = [encode(words, vocabulary) for words in forms]
        return {
            at: [(start, end, number) for (start, end, _), number in zip(*one, strict=True)]
            for at, one in enumerate(zip(split, ids, strict=True))
        }

    return Case(
        fast=fast,
        naive=lambda: dict(enumerate(reference.tokenise(texts)[0])),
        mean_tokens=inputs.mean_tokens(setting),
    )


def _text(ids: np.ndarray) -> str:
    """Words, every tenth a full stop, the first with a capital."""
    words = ["." if place % 10 == 9 else word(int(number)) for place, number in enumerate(ids)]
    return " ".join(words).capitalize()


def word(number: int) -> str:
    """A form for each id, of letters alone."""
    letters = ""
    while number:
        number, letter = divmod(number, len(LETTERS))
        letters += LETTERS[letter]
    return letters


TOKENISATION = Stage(
    name="tokenisation",
    about="Offsets and ids of every token, the vocabulary built on the way. Reference: one regular expression for "
    "words and marks, a counter and a dictionary; it knows neither numbers, abbreviations nor contractions.",
    build=build,
    examples=by_length((4000, 4000, 4000), (600, 600, 600), (300, 300, 300)),
    tolerance=0.0,
    encoders=NO_ENCODER,
    on_gpu=False,
)
