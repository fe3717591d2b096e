"""What a job asks for at each attempt."""

from attnexplain.plan.attempts import doubling


def test_each_attempt_asks_for_twice_as_much() -> None:
    assert [doubling(4000)(None, attempt) for attempt in (1, 2, 3)] == [4000, 8000, 16000]
