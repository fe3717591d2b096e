"""Standardised effect: how many standard deviations of a value a mean lies from where the null hypothesis has it.

    effect = (mean - null) / SD

SD is the column `std` of the row: of all values, examples and seeds pooled (ddof 1), which estimates the root of the
total variance of one value, var_seed + var_example + var_residual. Of paired differences that is Cohen's d_z (Cohen
1988, section 2.3.5). The ends are those of the mean's interval divided by the same SD: seeds and examples widen them as
they widen the interval, and the effect excludes 0 exactly where the interval excludes the null. The error of SD itself
is left out; it is small beside the other where examples are many (relative error about 1 / sqrt(2 N)), and where seeds
are few and most of the variance it is not. The noncentral t interval of textbooks is for independent values.
"""

from attnexplain.statistics.intervals.base import Interval


def standardised(mean: float, null: float, spread: float | None, limits: Interval) -> dict[str, float]:
    """Columns effect, effect_low and effect_high; none where the values do not vary."""
    if not spread:
        return {}
    places = {"effect": mean, "effect_low": limits.low, "effect_high": limits.high}
    return {name: (place - null) / spread for name, place in places.items()}
