"""Word classes by hand, and the attention on them against a loop over the words and against shuffled weights."""

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest

from attnexplain.metrics.attention_by_word_class import FACTS, measure
from attnexplain.metrics.ragged import Ragged
from attnexplain.metrics.word_classes import CLASSES, LISTS, classes_of, classify

TOKENS = {
    "The": "determiner",
    "his": "determiner",
    "It": "pronoun",
    "it's": "pronoun",
    "it’s": "pronoun",
    "there": "pronoun",
    "of": "preposition",
    "and": "conjunction",
    "was": "auxiliary",
    "'s": "auxiliary",
    "’ll": "auxiliary",
    "not": "negation",
    "don't": "negation",
    "DON’T": "negation",
    "n't": "negation",
    "cannot": "negation",
    ",": "punctuation",
    "...": "punctuation",
    "``": "punctuation",
    "$": "punctuation",
    "10": "number",
    "3.5": "number",
    "$5": "number",
    "90s": "number",
    "film": "content",
    "film's": "content",
    "r2d2": "content",
    "été": "content",
}


@pytest.mark.parametrize(("token", "expected"), TOKENS.items())
def test_tokens_have_their_class(token, expected):
    assert classify(token) == expected


def test_no_form_stands_in_two_lists():
    assert [set(a) & set(b) for a, b in combinations(LISTS.values(), 2)] == [set()] * 15


def test_forms_are_written_as_they_are_looked_up():
    assert all(form == form.lower() and "’" not in form for forms in LISTS.values() for form in forms)
    assert all(classify(form) == name for name, forms in LISTS.items() for form in forms)


def test_ones_own_words_come_before_every_list():
    found = classes_of(pa.array(["Good", "not", "bad", "film"]), "good  not\nBAD")
    assert [CLASSES[place] for place in found] == ["listed", "listed", "listed", "content"]


def test_mass_share_and_ratio_by_hand():
    tokens = pa.array(["the", "film", ",", "film", "Film"])
    found = measure(Ragged.from_rows([[0.1, 0.2, 0.3, 0.4], [1.0]]), tokens, words="")
    assert found["mass_determiner"].value.tolist() == pytest.approx([0.1, 0.0])
    assert found["share_content"].value.tolist() == [0.5, 1.0]
    assert found["mass_content"].value.tolist() == pytest.approx([0.6, 1.0])
    assert found["ratio_content"].value.tolist() == pytest.approx([1.2, 1.0])
    assert found["ratio_punctuation"].value[0] == pytest.approx(1.2)
    assert found["ratio_punctuation"].undefined_reason == [None, "no token of the class"]
    assert found["mass_negation"].value.tolist() == [0.0, 0.0]


def test_without_words_of_ones_own_there_is_no_class_of_them():
    tokens, weights = pa.array(["the", "film"]), Ragged.from_rows([[0.5, 0.5]])
    columns = set(FACTS["columns"])
    assert columns - set(measure(weights, tokens, words=" ")) == {"mass_listed", "share_listed", "ratio_listed"}
    found = measure(weights, tokens, words="film")
    assert set(found) == columns
    assert (found["mass_listed"].value[0], found["share_content"].value[0]) == (0.5, 0.0)


def test_columns_equal_a_loop_over_the_words():
    rng = np.random.default_rng(3)
    texts = [[str(word) for word in rng.choice(list(TOKENS), n)] for n in (1, 4, 9, 30)]
    rows = [rng.dirichlet(np.ones(len(text))) for text in texts]
    found = measure(Ragged.from_rows(rows), pa.array([word for text in texts for word in text]), words="film")
    for place, (text, weights) in enumerate(zip(texts, rows, strict=True)):
        for name in CLASSES:
            inside = [("listed" if word == "film" else TOKENS[word]) == name for word in text]
            mass = sum(weight for weight, is_in in zip(weights, inside, strict=True) if is_in)
            assert found[f"mass_{name}"].value[place] == pytest.approx(mass, abs=1e-12)
            assert found[f"share_{name}"].value[place] == pytest.approx(sum(inside) / len(text))
        masses = [found[f"mass_{name}"].value[place] for name in CLASSES]
        assert sum(masses) == pytest.approx(1)


@pytest.mark.parametrize("column", ["mass", "ratio"])
def test_null_moments_equal_those_of_shuffled_weights(column):
    rng, draws = np.random.default_rng(5), 20_000
    weights, tokens = rng.dirichlet(np.ones(7)), ["the", "film", "a", "film", "is", "film", "!"]
    shuffled = rng.permuted(np.tile(weights, (draws, 1)), axis=1)
    found = measure(Ragged.from_rows(shuffled), pa.array(tokens * draws), words="")[f"{column}_determiner"]
    assert found.value.mean() == pytest.approx(found.null_mean[0], abs=4 * found.null_std[0] / np.sqrt(draws))
    assert found.value.std() == pytest.approx(found.null_std[0], rel=0.03)
