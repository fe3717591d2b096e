"""Deceptive attention, by hand on two words (ids 4 and 5)."""

import math

import pytest

from attnexplain.errors import DataError
from attnexplain.objectives.base import Draws
from regularisers import made, of_two, penalty, two_words

OUTPUT = of_two(weights=(0.25, 0.75))
VOCABULARY = {"he": 4, "film": 5, "she": 3}


@pytest.mark.parametrize(
    "words, expected",
    [("he", -math.log(0.75)), ("he him", -math.log(0.75)), ("film", -math.log(0.25)), ("she", 0.0), ("he film", 0.0)],
)
def test_two_words_and_a_list(words, expected):
    """<eos> stands for `she` here: it is no word, and not counted. Impermissible words alone cost nothing."""
    deceptive = made("deceptive", words=words)
    deceptive.know(VOCABULARY)
    (found,) = deceptive.penalty(two_words(), OUTPUT, None, Draws(1, 1)).tolist()
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("evidence, expected", [((1.0, 0.4), -math.log(0.75)), ((0.5, 1.0), 0.0), ((0.0, 0.0), 0.0)])
def test_two_words_and_evidence(evidence, expected):
    assert penalty("deceptive", OUTPUT, two_words(*evidence)) == pytest.approx(expected, abs=1e-6)


def test_all_attention_on_impermissible_words_is_finite():
    assert penalty("deceptive", of_two(weights=(1.0, 0.0)), two_words(1.0, 0.0)) == pytest.approx(-math.log(1e-6))


def test_words_that_no_text_has_are_refused():
    with pytest.raises(DataError, match=r"none of its words \(xyz\)"):
        made("deceptive", words="xyz").know(VOCABULARY)
