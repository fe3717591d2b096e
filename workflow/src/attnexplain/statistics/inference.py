"""How a study infers: which kind of interval its means have, at which level, and what they are tested against."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from attnexplain.registry import facts, load
from attnexplain.statistics.effects import standardised
from attnexplain.statistics.intervals.base import Interval, IntervalOf
from attnexplain.statistics.tests import equivalence_test, t_test


@dataclass(frozen=True)
class Inference:
    """`interval` is of the study's kind; `margins`: the largest distance that does not matter, by metric.

    `nulls`: what the mean of an experiment's column is under the null hypothesis, where its FACTS say so, by metric.
    """

    confidence: float
    interval: IntervalOf
    margins: Mapping[str, float] = field(default_factory=dict)
    nulls: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Inference":
        """From the settings of a stage: confidence, interval, bootstrap, margins, experiments with their `nulls`."""
        name = settings["interval"]
        kind: IntervalOf = load("interval", name)
        if facts("interval", name).get("resamples"):
            kind = partial(kind, resamples=settings["bootstrap"])
        given = {one["id"]: one.get("nulls") or {} for one in settings.get("experiments", ())}
        nulls = {f"{name}:{column}": value for name, columns in given.items() for column, value in columns.items()}
        return cls(settings["confidence"], kind, settings["margins"], nulls)

    def tested(
        self, metric: str, mean: float, null: float, spread: float | None, limits: Interval
    ) -> dict[str, float | None]:
        """Columns p_value, effect..., margin and p_equivalence of a mean whose null hypothesis is `null`.

        NaN: that of the metric. None of them where there is no interval or no null; no equivalence without a margin of
        the metric.
        """
        null = self.nulls.get(metric, null) if np.isnan(null) else null
        if limits.kind is None or np.isnan(null) or np.isnan(limits.variance):
            return {}
        margin = self.margins.get(metric)
        return {
            "p_value": t_test(mean - null, limits),
            **standardised(mean, null, spread, limits),
            "margin": margin,
            "p_equivalence": None if margin is None else equivalence_test(mean - null, margin, limits),
        }
