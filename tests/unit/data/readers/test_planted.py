"""The rules of the generated sets, re-derived from the text alone, in a slower way than the generators write it."""

import re

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from attnexplain.data.readers import planted_sentiment, planted_shortcut
from attnexplain.registry import facts
from data_specs import SIZES

OPTIONS = {"train_size": 1200, "dev_size": 40, "test_size": 300, "seed": 3}
KINDS = ["single", "in-context", "ordered-pair"]


def evidence(row):
    return [row["text"][span["start"] : span["end"]] for span in row["evidence"]]


def words(row):
    return re.findall(r"\w+", row["text"])


@pytest.fixture(scope="module")
def reviews():
    return planted_sentiment.read({}, **OPTIONS)


@pytest.fixture(scope="module")
def shortcuts():
    return {kind: planted_shortcut.read({}, shortcut=kind, **OPTIONS) for kind in [*KINDS, "all"]}


def opinion(row):
    """The sentence that holds an opinion adjective, its adjective and the negator in it."""
    adjectives = {*planted_sentiment.POSITIVE, *planted_sentiment.NEGATIVE}
    holders = [sentence.split() for sentence in row["text"].split(".") if adjectives & set(sentence.split())]
    assert len(holders) == 1
    (adjective,) = adjectives & set(holders[0])
    return adjective, [word for word in holders[0] if word in planted_sentiment.NEGATORS]


def test_label_is_polarity_xor_negation_and_the_evidence_is_what_decides(reviews):
    for row in reviews["train"]:
        adjective, negators = opinion(row)
        assert row["label"] == int((adjective in planted_sentiment.POSITIVE) != bool(negators))
        assert evidence(row) == [*negators, adjective]


def test_reviews_are_balanced_and_negation_is_independent_of_label_and_polarity(reviews):
    rows = reviews["train"]
    assert sum(row["label"] for row in rows) == len(rows) / 2
    negated = [bool(opinion(row)[1]) for row in rows]
    assert 0.35 < sum(negated) / len(rows) < 0.45
    by_label = [sum(n for n, row in zip(negated, rows, strict=True) if row["label"] == c) for c in (0, 1)]
    assert abs(by_label[0] - by_label[1]) < 4 * (600 * 2 * 0.4 * 0.6) ** 0.5


def test_a_negator_in_the_bag_of_words_does_not_tell_that_the_opinion_is_negated(reviews):
    plain = [row for row in reviews["train"] if not opinion(row)[1]]
    assert 0.4 < sum(bool(set(planted_sentiment.NEGATORS) & set(words(row))) for row in plain) / len(plain) < 0.7


def test_reviews_keep_their_measures(reviews):
    rows = reviews["train"]
    lengths = [len(re.findall(r"\w+|\.", row["text"])) for row in rows]
    assert min(lengths) >= 12 and max(lengths) <= 30
    assert sum(len(row["evidence"]) for row in rows) / sum(len(words(row)) for row in rows) <= 0.15
    assert 100 <= len({word for row in rows for word in words(row)}) <= 200


def test_single_has_one_token_per_class(shortcuts):
    for row in shortcuts["single"]["train"]:
        assert evidence(row) == [["dax", "blick"][row["label"]]]
        assert len({"dax", "blick"} & set(words(row))) == 1


def test_in_context_needs_both_tokens(shortcuts):
    for row in shortcuts["in-context"]["train"]:
        present = {"fep", "wug"} & set(words(row))
        assert row["label"] == int(len(present) == 2)
        assert set(evidence(row)) == present != set()


def test_ordered_pair_goes_by_order(shortcuts):
    for row in shortcuts["ordered-pair"]["train"]:
        found = words(row)
        assert row["label"] == int(found.index("kiki") < found.index("bouba"))
        assert set(evidence(row)) == {"kiki", "bouba"}


def test_all_mixes_the_kinds_in_equal_thirds_with_balanced_labels(shortcuts):
    tokens = {"single": {"blick", "dax"}, "in-context": {"fep", "wug"}, "ordered-pair": {"kiki", "bouba"}}
    for kind in KINDS:
        labels = [row["label"] for row in shortcuts["all"]["train"] if tokens[kind] & set(words(row))]
        assert (len(labels), sum(labels)) == (400, 200)


@pytest.mark.parametrize(
    ("kind", "low", "high"), [("reviews", 0.5, 0.72), ("single", 0.99, 1), ("ordered-pair", 0.4, 0.6)]
)
def test_a_bag_of_words_gets_as_far_as_the_rules_allow(reviews, shortcuts, kind, low, high):
    """A linear classifier of word counts: the adjective alone is right in 60 % of reviews, order is invisible to it."""
    splits = reviews if kind == "reviews" else shortcuts[kind]
    bag = make_pipeline(CountVectorizer(), LogisticRegression(max_iter=1000))
    train, test = ([row["text"] for row in splits[split]] for split in ("train", "test"))
    bag.fit(train, [row["label"] for row in splits["train"]])
    assert low <= bag.score(test, [row["label"] for row in splits["test"]]) <= high


@pytest.mark.parametrize("module", [planted_sentiment, planted_shortcut])
def test_options_decide_the_texts_and_splits_share_none(module):
    extra = {"shortcut": "all"} if module is planted_shortcut else {}
    first, again = (module.read({}, **SIZES, **extra) for _ in range(2))
    other = module.read({}, **{**SIZES, "seed": 1}, **extra)
    assert first == again != other
    assert {split: len(rows) for split, rows in first.items()} == {"train": 60, "dev": 20, "test": 20}
    assert not {row["text"] for row in first["train"]} & {row["text"] for row in first["test"]}


@pytest.mark.parametrize("name", ["planted-sentiment", "planted-shortcut"])
def test_the_defaults_are_the_options_that_the_reader_takes(name):
    defaults = {option: about["default"] for option, about in facts("reader", name)["options"].items()}
    module = {"planted-sentiment": planted_sentiment, "planted-shortcut": planted_shortcut}[name]
    assert len(module.read({}, **{**defaults, "train_size": 3})["train"]) == 3
