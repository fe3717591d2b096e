"""Which run of each data set lends its single texts to a figure, and the files that hold them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Spec = Mapping[str, Any]
METHOD = "attention"
# The model of the published example, where a study has it; else the one that differs in the later of these axes.
_PREFERRED = {"encoder": "bilstm", "attention": "additive", "normaliser": "softmax"}


def example_files(
    runs: Mapping[str, Spec], experiments: Mapping[str, str], methods: Iterable[str], wanted: Sequence[str]
) -> list[str]:
    """Attributions of attention, and one experiment's table, of one trained run per data set.

    `runs`: specifications by id, in the study's order; `experiments`: name of each by id; `wanted`: names of
    experiments, of which the first that the study has is taken. Empty where there is none, or no attention.
    """
    names = list(experiments.values())
    chosen = next((name for name in wanted if name in names), None)
    if chosen is None or METHOD not in methods:
        return []
    experiment = list(experiments)[names.index(chosen)]
    files = (f"attributions/{METHOD}", f"experiments/{experiment}")
    return [f"results/runs/{run}/{file}.parquet" for run in _one_per_dataset(runs) for file in files]


def _one_per_dataset(runs: Mapping[str, Spec]) -> list[str]:
    """The first run, in the study's order, of those nearest to the published model; its first seed comes first."""
    found: dict[str, str] = {}
    for run, spec in runs.items():
        name = spec["slug"]["dataset"]
        if spec["control"] == "none" and (name not in found or _distance(spec) < _distance(runs[found[name]])):
            found[name] = run
    return list(found.values())


def _distance(spec: Spec) -> tuple[bool, ...]:
    return (*(spec[axis]["name"] != name for axis, name in _PREFERRED.items()), bool(spec["regulariser"]))
