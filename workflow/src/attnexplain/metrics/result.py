"""What a metric returns: one value per example, and what is known about it."""

from dataclasses import dataclass

from attnexplain.metrics.ragged import Bools, Floats

Reasons = list[str | None]


@dataclass(frozen=True)
class Measured:
    """Arrays over the examples, (N,).

    value             NaN where undefined, and only there
    p_value           of the value against its null hypothesis; NaN where undefined
    undefined_reason  why a value is undefined; None where it is defined. None for all: every value is defined
    null_mean         mean of the value under the metric's null model of this very example; NaN where undefined
    null_std          its standard deviation
    """

    value: Floats
    p_value: Floats | None = None
    undefined_reason: Reasons | None = None
    null_mean: Floats | None = None
    null_std: Floats | None = None


def first_reason(n_examples: int, *checks: tuple[Bools, str]) -> Reasons:
    """The reason of the first check that holds for each example, None where none does."""
    reasons: Reasons = [None] * n_examples
    for holds, reason in reversed(checks):
        for row in holds.nonzero()[0]:
            reasons[row] = reason
    return reasons
