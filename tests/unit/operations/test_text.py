"""Plain text for a terminal: what numbers look like."""

import pytest

from attnexplain.operations.text import columns, duration, plural, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (99, "99 s"), (100, "2 min"), (5940, "99 min"), (6000, "1.7 h"), (172800, "2.0 days")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_400, "99.4 kB"), (123_000, "123 kB"), (999_600, "1.0 MB")],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


def test_columns_are_flush_left_and_right() -> None:
    assert columns([("rule", "jobs"), ("a", "10")]) == ["  rule  jobs", "  a       10"]


def test_plurals() -> None:
    assert (plural(1, "run"), plural(2, "run"), plural(2, "set of tokens", "sets of tokens")) == (
        "1 run",
        "2 runs",
        "2 sets of tokens",
    )
