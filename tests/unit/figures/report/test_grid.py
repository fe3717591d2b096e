"""How numbers are written. Expected texts are written out by hand."""

import pytest

from attnexplain.figures.report.grid import compact, count, digits_for, interval, number, plural, quantity


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.12345, 3, "0.123"), (-0.5, 2, "−0.50"), (-0.0004, 3, "0.000"), (float("nan"), 2, "–"), (None, 2, "–")],
)
def test_numbers_have_a_true_minus_and_no_negative_zero(value: float | None, digits: int, text: str) -> None:
    assert number(value, digits) == text


@pytest.mark.parametrize(
    ("low", "high", "digits"),
    [(0.1, 0.5, 2), (0.15, 0.25, 3), (0.78, 0.82, 3), (0.790, 0.794, 4), (-3.0, 3.0, 2), (0.5, 0.5, 3), (None, 1, 3)],
)
def test_decimals_follow_the_width_of_the_interval(low: float | None, high: float, digits: int) -> None:
    assert digits_for(low, high) == digits


def test_counts_settings_and_intervals() -> None:
    assert (count(1821), count(float("nan")), compact(1e-3), compact(300)) == ("1,821", "–", "0.001", "300")
    assert (interval(-0.1, 0.25, 2), interval(None, 0.2, 2)) == ("[−0.10, 0.25]", "")
    assert (plural(1, "seed", "seeds"), plural(3, "seed", "seeds")) == ("1 seed", "3 seeds")
    assert (quantity(1821).text, quantity(1821).order, quantity(None).order) == ("1,821", 1821.0, None)
