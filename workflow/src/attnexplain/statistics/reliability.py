"""Which column of the measure `retest` is the reliability that a Kendall tau of the study goes with."""

from collections.abc import Mapping, Sequence
from typing import Any

DISATTENUATED = "disattenuated"
COLUMN = "kendall_tau"  # of the measure `retest`


def reliabilities(metrics: Sequence[Mapping[str, Any]], between: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Id of each Kendall tau of a study -> the column of the `retest` that compares scores with the same options."""
    taus = [metric for metric in metrics if metric["name"] == "kendall-tau"]
    tests = [plugin for plugin in between if plugin["name"] == "retest"]
    same = ((tau, test) for tau in taus for test in tests if tau["options"] == test["options"])
    return {tau["id"]: f"{test['id']}:{COLUMN}" for tau, test in same}
