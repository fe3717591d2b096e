"""Each annotator beside the others, by hand: the text `a b c d`, a character a token."""

import pytest

from attnexplain.data.annotators import others_of

PLACES = ([0, 0, 0, 0], [0, 2, 4, 6], [1, 3, 5, 7])


def span(annotator, start, end, weight=1.0, segment=0):
    return {"segment": segment, "start": start, "end": end, "annotator": annotator, "weight": weight}


def test_of_three_annotators_each_is_beside_the_mean_of_two():
    spans = [span(0, 0, 3), span(1, 2, 5), span(2, 6, 7), span(2, 0, 1)]
    assert list(others_of(spans, PLACES)) == [
        (0, [1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5]),
        (1, [0, 1, 1, 0], [1.0, 0.5, 0.0, 0.5]),
        (2, [1, 0, 0, 1], [0.5, 1.0, 0.5, 0.0]),
    ]


def test_one_who_marked_nothing_is_an_annotator_all_the_same():
    assert list(others_of([span(0, 0, 1), span(4, 0, 0)], PLACES)) == [
        (0, [1, 0, 0, 0], [0, 0, 0, 0]),
        (4, [0, 0, 0, 0], [1, 0, 0, 0]),
    ]


@pytest.mark.parametrize("spans", [[], [span(0, 0, 3)], [span(3, 0, 1), span(3, 4, 5)]])
def test_without_a_second_annotator_there_is_nothing(spans):
    assert list(others_of(spans, PLACES)) == []


def test_weights_and_segments_count_as_in_the_evidence_itself():
    spans = [span(0, 0, 1, 0.25), span(0, 0, 1, 0.75), span(1, 0, 7, segment=1)]
    assert list(others_of(spans, PLACES)) == [(0, [0.75, 0, 0, 0], [0] * 4), (1, [0] * 4, [0.75, 0, 0, 0])]
