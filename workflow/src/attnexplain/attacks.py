"""Which runs attack which: the trained adversaries of a study, what they imitate, and what they are drawn beside.

Both the plan, from specifications, and the statistics, from those in the runs' folders, ask it.
"""

from collections.abc import Mapping
from typing import Any

Spec = Mapping[str, Any]

ADVERSARIAL = "adversarial"  # the regulariser
DISTANCE = "distance-to-base"  # the experiment that measures what it reached
SEEDS = "seed-variance"  # the measure between runs


def is_adversary(spec: Spec) -> bool:
    """Whether a run was trained to imitate its base under other attention."""
    return spec["base"] is not None and divergence(spec) is not None


def divergence(spec: Spec) -> float | None:
    """Lambda of a trained adversary; None of any other run."""
    found = [plugin["options"]["divergence"] for plugin in spec["regulariser"] if plugin["name"] == ADVERSARIAL]
    return float(found[0]) if found else None


def is_uniform_twin(spec: Spec, base: Spec) -> bool:
    """Whether a run is the base but for having been trained with uniform attention, of whatever seed."""
    own, theirs = ({**one["slug"], "attention": "", "normaliser": ""} for one in (spec, base))
    names = [one["attention"]["name"] for one in (spec, base)]
    return own == theirs and names[0] == "uniform" != names[1] and spec["slug"]["normaliser"] == "softmax"
