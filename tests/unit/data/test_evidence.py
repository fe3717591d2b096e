"""Expected evidence: the definition on the page, and a loop over characters."""

import numpy as np
import pytest

from attnexplain.data.evidence import token_evidence


def span(start, end, weight=1.0, annotator=0, segment=0):
    return {"segment": segment, "start": start, "end": end, "annotator": annotator, "weight": weight}


def test_the_largest_overlapping_span_counts():
    assert token_evidence([span(0, 2, 0.5), span(1, 6, 1.0)], [0, 0], [0, 5], [4, 9]) == [1.0, 1.0]


def test_touching_is_not_overlapping():
    assert token_evidence([span(4, 5)], [0, 0], [0, 5], [4, 9]) == [0.0, 0.0]


def test_annotators_are_averaged_and_an_empty_span_counts_as_one_who_marked_nothing():
    spans = [span(0, 4), span(0, 4, 0.5, annotator=2), span(0, 0, 1.0, annotator=1)]
    assert token_evidence(spans, [0, 0], [0, 5], [4, 9]) == pytest.approx([1.5 / 3, 0.0])


def test_a_span_marks_its_own_segment_alone():
    assert token_evidence([span(0, 4, segment=1)], [0, 1], [0, 0], [4, 4]) == [0.0, 1.0]


def test_no_spans_are_no_evidence():
    assert token_evidence([], [0, 0], [0, 5], [4, 9]) == [0.0, 0.0]


def test_equals_a_loop_over_characters():
    rng = np.random.default_rng(0)
    starts, ends = list(range(0, 30, 5)), list(range(4, 34, 5))
    spans = [
        span(int(a), int(a + n), float(w), int(k))
        for a, n, w, k in zip(
            rng.integers(0, 25, 6), rng.integers(1, 9, 6), rng.random(6), [0, 1, 2, 0, 1, 2], strict=True
        )
    ]
    slow = []
    for start, end in zip(starts, ends, strict=True):
        best = [
            max(
                [
                    s["weight"]
                    for s in spans
                    if s["annotator"] == k and set(range(s["start"], s["end"])) & set(range(start, end))
                ],
                default=0.0,
            )
            for k in range(3)
        ]
        slow.append(sum(best) / 3)
    assert token_evidence(spans, [0] * 6, starts, ends) == pytest.approx(slow)
