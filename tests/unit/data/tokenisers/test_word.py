"""Expected tokens are split by hand; the SST counts are those of Jain and Wallace's released runs."""

from collections import Counter
from itertools import pairwise

import pytest

from attnexplain.data.readers.sst_trees import read
from attnexplain.data.tokenisers.word import WordTokeniser
from attnexplain.data.vocabulary import build_vocabulary
from data_specs import data_mirror, word


def tokeniser(**changes):
    return WordTokeniser(**word(**changes)["options"])


def forms(text, **changes):
    return [form for _, _, form in tokeniser(**changes).split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's a well-made film, isn't it?", ["it's", "a", "well-made", "film", ",", "isn't", "it", "?"]),
        ("so... good -- really!!", ["so", "...", "good", "--", "really", "!", "!"]),
        ("it 's 3.5 or 1,000 at 7:30", ["it", "'s", "3.5", "or", "1,000", "at", "7:30"]),
        ("J.R.R. Tolkien's 'dark' 1990s", ["j.r.r.", "tolkien's", "'", "dark", "'", "1990s"]),
        ("Mamá También (2001)", ["mamá", "también", "(", "2001", ")"]),
        ("snake_case", ["snake_case"]),
        (" \t\n", []),
        ("", []),
    ],
)
def test_words_and_marks(text, expected):
    assert forms(text) == expected


def test_the_authors_cleaning_splits_contractions_and_hides_numbers():
    text = "He didn't see the well-made 21st film in 1999, it's true"
    expected = "he did n't see the well - made qqq film in qqq , it 's true"
    assert " ".join(forms(text, cleaning="jain-wallace", lowercase=False)) == expected


def test_alphanumeric_keeps_runs_of_letters_and_digits_alone():
    text = "It's a well-made -- 21st Century film !"
    found = forms(text, cleaning="alphanumeric", lowercase=False)
    assert " ".join(found) == "it s a well made 21st century film"


def test_case_can_be_kept():
    assert forms("The Film", lowercase=False) == ["The", "Film"]


@pytest.mark.parametrize("cleaning", ["none", "jain-wallace", "alphanumeric"])
def test_offsets_spell_the_original_text(cleaning):
    text = "İ saw J.R.R. Tolkien's «Ring» -- 3.5 stars, didn’t like…  it!"
    for start, end, form in tokeniser(cleaning=cleaning).split(text):
        assert text[start:end].strip() == text[start:end] != ""
        assert form in ("qqq", text[start:end].lower())
    spans = [(start, end) for start, end, _ in tokeniser(cleaning=cleaning).split(text)]
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    if cleaning != "alphanumeric":
        covered = {i for start, end in spans for i in range(start, end)}
        assert covered == {i for i, c in enumerate(text) if not c.isspace()}


def test_lengths_are_inclusive_and_an_empty_example_is_never_kept():
    bounded = tokeniser(min_length=2, max_length=4)
    assert [n for n in range(7) if bounded.keeps(n)] == [2, 3, 4]
    assert [n for n in range(3) if tokeniser().keeps(n)] == [1, 2]


@pytest.mark.real_data
def test_sst_has_the_class_counts_and_vocabulary_of_the_authors_runs():
    trees = data_mirror() / "sst" / "trees"
    rows = read({split: trees / f"{split}.txt" for split in ("train", "dev", "test")})
    words = {split: [forms(row["text"], cleaning="alphanumeric") for row in found] for split, found in rows.items()}
    kept = {
        split: Counter(row["label"] for row, w in zip(rows[split], words[split], strict=True) if len(w) > 5)
        for split in rows
    }
    assert {split: (counts[0], counts[1]) for split, counts in kept.items()} == {
        "train": (3035, 3321),
        "dev": (397, 425),
        "test": (863, 863),
    }
    assert len(build_vocabulary(words["train"])) == 13826
    assert len(build_vocabulary([w for found in words.values() for w in found])) == 16175
    lengths = [len(w) for w in words["train"] if len(w) > 5]
    assert round(sum(lengths) / len(lengths), 1) == 18.7


def test_clinical_cleaning_is_that_of_the_protocol():
    text = "Seen [**2101-10-20**] by Dr.  [**Last Name (STitle) 12**]:\n____ _ BP 120/80!! !! didn't.. . eat's [**open"
    tokens = tokeniser(cleaning="mimic").split(text)
    forms = "seen <DE> by dr . <DE> : _ bp qqq ! did n't . eat 's [ * open"
    assert [form for *_, form in tokens] == forms.split()
    assert [text[start:end] for start, end, _ in tokens][1:3] == ["[**2101-10-20**]", "by"]
