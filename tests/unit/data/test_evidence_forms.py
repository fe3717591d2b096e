"""Expected spans are cut out of the texts written here: what they spell is what was marked."""

import pytest

from attnexplain.data.evidence_forms import read_evidence, without_marks

TEXT = "a very good film \N{GRINNING FACE} indeed"


def spelled(value, form="spans", text=TEXT, mark="*"):
    spans = read_evidence(value, form, text, 0, mark)
    return [(span["annotator"], text[span["start"] : span["end"]]) for span in spans]


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ([{"start": 7, "end": 11}, {"start": 17, "end": 18, "weight": None}], "spans"),
        ([[7, 11], [17, 18]], "spans"),
        ("[[7, 11], [17, 18]]", "spans"),
        ({"start": [7, 17], "end": [11, 18]}, "spans"),
        ([2, 4], "tokens"),
        ([4, 2, 2], "tokens"),
        ("2 4", "tokens"),
        ("2, 4", "tokens"),
        ("[2, 4]", "tokens"),
        ("a very *good* film *\N{GRINNING FACE}* indeed", "marked"),
    ],
)
def test_every_form_spells_the_same_words(value, form):
    assert spelled(value, form) == [(0, "good"), (0, "\N{GRINNING FACE}")]


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ([[[7, 11]], [], [[2, 6], [12, 16]]], "spans"),
        ([[{"start": 7, "end": 11}], [], [[2, 6], [12, 16]]], "spans"),
        ([[2], [], [1, 3]], "tokens"),
        (["a very *good* film", "a very good film", "a *very* good *film*"], "marked"),
    ],
)
def test_several_annotators_keep_apart_and_who_marked_nothing_counts(value, form):
    text = "a very good film"
    assert spelled(value, form, text) == [(0, "good"), (1, ""), (2, "very"), (2, "film")]


@pytest.mark.parametrize("form", ["spans", "tokens", "marked"])
def test_not_annotated_is_none_and_nothing_marked_is_empty(form):
    assert read_evidence(None, form, TEXT, 0, "*") is None
    assert read_evidence("", form, TEXT, 0, "*") is None
    assert read_evidence(TEXT if form == "marked" else [], form, TEXT, 0, "*") == []


def test_marks_of_two_kinds_and_of_several_characters():
    assert spelled("a [very good] film", "marked", "a very good film", "[ ]") == [(0, "very good")]
    assert spelled("a <b>very good</b> film", "marked", "a very good film", "<b> </b>") == [(0, "very good")]
    assert without_marks("a <b>very good</b> film", "<b> </b>") == "a very good film"


def test_a_mark_that_the_text_has_too_is_text():
    assert spelled("2 * 3 is *six*", "marked", "2 * 3 is six") == [(0, "six")]


@pytest.mark.parametrize(
    ("value", "form", "message"),
    [
        ([9], "tokens", "token 9 lies outside the text, which has 6"),
        ([-1], "tokens", "token -1 lies outside"),
        ([True], "tokens", "indices"),
        ("two", "tokens", "not indices"),
        (3, "spans", "a int, not a list"),
        ([{"start": 1.5, "end": 2}], "spans", "evidence is a list of"),
        ([{"start": 1, "end": 2, "weight": "x"}], "spans", "evidence is a list of"),
        ([[1, 2, 3], 4], "spans", "mixes lists"),
        ({"start": [1], "end": [2, 3]}, "spans", "different lengths"),
        ("a very *good film", "marked", "differs|never closed"),
        ("a very *good film \N{GRINNING FACE} indeed", "marked", "opened at character 7 and never closed"),
        ("a very bad film", "marked", "differs from the text at character 7"),
        ("a very", "marked", "ends at character 6 of 25"),
        (5, "marked", "not a text"),
    ],
)
def test_what_is_wrong_is_told_without_the_text(value, form, message):
    with pytest.raises(ValueError, match=message) as told:
        read_evidence(value, form, TEXT, 0, "*")
    assert "film" not in str(told.value)
