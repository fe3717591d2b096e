"""Each claim can come out either way: planted differences decide it."""

import pytest

from attnexplain.pages.findings.claims import CLAIMS, KEPT, claims, decided, judged
from findings_tables import moved, study

TYING = CLAIMS[0]
PLAIN = [moved(None, "accuracy"), moved(None, "probe"), moved(None, "adversary")]


@pytest.mark.parametrize(
    ("difference", "kind", "said"),
    [
        ((0.2, 0.1, 0.3), "two-way", "as claimed in 1 of 1: SST (tying, +0.20 [0.10, 0.30])"),
        ((-0.2, -0.3, -0.1), "two-way", "the opposite in 1 of 1: SST (tying, −0.20 [−0.30, −0.10])"),
        ((0.2, -0.1, 0.5), "two-way", "no difference found in 1 of 1: SST (tying, +0.20 [−0.10, 0.50])"),
        ((0.2, 0.1, 0.3), "examples-only", "nothing can be told"),
    ],
)
def test_the_interval_decides_a_claim(difference, kind, said) -> None:
    page = claims(study([*PLAIN, moved("tying", "probe", difference, kind=kind)]))
    assert said in page and "(said to rise)" in page


def test_a_notion_said_to_fall_is_as_claimed_where_it_falls() -> None:
    found = judged(study([*PLAIN, moved("tying", "adversary", (-0.2, -0.3, -0.1))]), TYING)
    assert [row["found"] for row in found] == ["as claimed"]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.01, 0.01, "as claimed"),
        (-0.2, -0.05, "loses more"),
        (-0.05, 0.05, "cannot be told"),
        (0.1, 0.2, "as claimed"),
    ],
)
def test_accuracy_is_kept_where_the_whole_interval_says_so(low, high, said) -> None:
    row = moved("deceptive", "accuracy", ((low + high) / 2, low, high))
    assert decided(row, KEPT) == said


def test_notions_that_the_study_does_not_measure_are_named() -> None:
    page = claims(study([*PLAIN, moved("tying", "probe", (0.2, 0.1, 0.3))]))
    assert "not measured in this study: Area of the adversary's curve and Divergence of the exact adversary" in page


def test_a_claim_without_its_remedy_is_left_out() -> None:
    page = claims(study([*PLAIN, moved("sparsemax", "tau-gradient", (-0.2, -0.3, -0.1))]))
    assert "Meister" in page and "Tutek" not in page


def test_a_claim_about_some_encoders_is_decided_by_those_alone() -> None:
    bare = moved("deceptive", "accuracy", (-0.2, -0.3, -0.1)) | {"encoder": "average"}
    found = study([*PLAIN, moved("deceptive", "accuracy", (0.0, -0.01, 0.01)), bare])
    kept, lost = (claim for claim in CLAIMS if "deceptive" in claim.remedies)
    assert [row["encoder"] for row in judged(found, kept)] == ["bilstm"]
    assert [(row["encoder"], row["found"]) for row in judged(found, lost)] == [("average", "as claimed")]
