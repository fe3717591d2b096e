"""Rank correlations turned so that positive means: both call the same models more faithful."""

import pytest

from attnexplain.pages.findings.notions import agreement, aligned
from attnexplain.registry import facts
from findings_tables import moved, pair, study

PERMUTED = {"metric": "permutation:tvd_median", "method": "attention"}
TAU = {"metric": "kendall-tau", "method": "attention", "method_b": "gradient"}
EXACT = {"metric": "adversary-exact-0a1b2c:jsd_max", "method": "attention"}


def both(value: float, half: float = 0.1, kind: str = "crossed-bootstrap") -> str:
    return agreement(
        study(
            [moved(None, "accuracy")], ranked=[pair(TAU, PERMUTED, (value, value - half, value + half), ci_kind=kind)]
        )
    )


@pytest.mark.parametrize(
    ("value", "half", "said"),
    [
        (0.6, 0.1, "1 agree, 0 contradict each other, 0 neither"),
        (-0.6, 0.1, "0 agree, 1 contradict each other, 0 neither"),
        (0.6, 0.7, "0 agree, 0 contradict each other, 1 neither"),
    ],
)
def test_the_interval_says_whether_two_notions_agree(value: float, half: float, said: str) -> None:
    assert said in both(value, half) and "8 models, 1 pairs of notions" in both(value, half)


def test_of_one_seed_nothing_is_told() -> None:
    assert "no interval over seeds" in both(0.6, 0.1, "examples-only")


def test_contradicting_notions_are_named() -> None:
    assert "Contradicting: τ with gradient and distance under permutation." in both(-0.6)


def test_a_metric_that_the_table_ranks_from_the_other_end_is_turned() -> None:
    found = aligned(study([moved(None, "accuracy")], ranked=[pair(TAU, EXACT, (0.5, 0.4, 0.6))]), "sst")
    # The table ranks high divergences first (the experiment's FACTS), and the faithful end is the low one.
    assert facts("experiment", "adversary-exact")["columns"]["jsd_max"]["direction"].startswith("higher")
    one = found[frozenset(("tau-gradient", "adversary"))]
    assert (one["value"], one["low"], one["high"]) == pytest.approx((-0.5, -0.6, -0.4))
