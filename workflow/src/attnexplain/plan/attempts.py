"""What a job asks for, by how often it was tried: one that ran out of memory or time gets more of both."""

from collections.abc import Callable
from typing import Any


def doubling(first: int) -> Callable[[Any, int], int]:
    """A resource of a rule: `first` at the first attempt, twice as much at each further one."""

    def amount(wildcards: Any, attempt: int) -> int:
        return int(first * 2 ** (attempt - 1))

    return amount
