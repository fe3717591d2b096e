"""Rows of the table `statistics` for cells that have no runs: what would stand there, and why it does not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

from attnexplain.classification import METRICS
from attnexplain.registry import facts
from attnexplain.statistics.cells import Row, empty
from attnexplain.statistics.reliability import DISATTENUATED, reliabilities
from attnexplain.tables.statistics import CELL

ATTENTION = "attention"


def missing_rows(
    missing: Iterable[Mapping[str, Any]],
    metrics: Sequence[Mapping[str, Any]],
    methods: Sequence[str],
    experiments: Sequence[Mapping[str, Any]],
    between: Sequence[Mapping[str, Any]],
    present: set[tuple[str, ...]],
) -> Iterator[Row]:
    """A row of class `all` per missing cell (of any number of seeds), metric and methods, or column of a plug-in.

    A cell that is in `present` has runs of other seeds: it has its own statistics, and gets no row here.
    """
    reasons: dict[tuple[str, ...], str] = {}
    for planned in missing:
        reasons.setdefault(tuple(planned[axis] for axis in CELL), planned["missing_reason"])
    for cell in sorted(reasons.keys() - present):
        about = {**dict(zip(CELL, cell, strict=True)), "class": "all"}
        for metric in METRICS:
            yield {**about, "metric": metric, "method": None, "method_b": None, **empty(reasons[cell])}
        for metric_plugin in metrics:
            for metric, (method, method_b) in product(values(metric_plugin), applicable(metric_plugin, methods)):
                yield {**about, "metric": metric, "method": method, "method_b": method_b, **empty(reasons[cell])}
        for metric in reliabilities(metrics, between):
            for method, method_b in combinations(sorted(methods), 2):
                named = {"metric": f"{metric}:{DISATTENUATED}", "method": method, "method_b": method_b}
                yield {**about, **named, **empty(reasons[cell])}
        for metric, method, method_b in (*experimented(experiments), *compared(between, methods)):
            yield {**about, "metric": metric, "method": method, "method_b": method_b, **empty(reasons[cell])}


def columns(family: str, plugins: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names under which the columns of the plug-ins of a family are metrics."""
    return [f"{plugin['id']}:{column}" for plugin in plugins for column in facts(family, plugin["name"])["columns"]]


def experimented(experiments: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, None]]:
    """(metric, method, None) of the columns of experiments: of attention, or of each method whose scores one reads."""
    found: list[tuple[str, str, None]] = []
    for plugin in experiments:
        reads = facts("experiment", plugin["name"]).get("reads") == "attributions"
        methods = plugin["options"]["methods"] if reads else [ATTENTION]
        found += [(metric, method, None) for metric in columns("experiment", [plugin]) for method in methods]
    return found


def values(metric: Mapping[str, Any]) -> list[str]:
    """Names of what a metric measures: its id, or those of its columns."""
    return columns("metric", [metric]) if "columns" in facts("metric", metric["name"]) else [metric["id"]]


def compared(between: Sequence[Mapping[str, Any]], methods: Sequence[str]) -> list[tuple[str, str, str | None]]:
    """(metric, method, method_b) of the columns of measures between runs.

    Those that read attributions have each method with itself (method_b None) and each pair, others attention alone.
    """
    every = [*((method, None) for method in sorted(methods)), *combinations(sorted(methods), 2)]
    found: list[tuple[str, str, str | None]] = []
    for plugin in between:
        reads = facts("between", plugin["name"]).get("reads")
        pairs = every if reads == "attributions" else [(ATTENTION, None)]
        found += [(metric, *pair) for metric in columns("between", [plugin]) for pair in pairs]
    return found


def applicable(metric: Mapping[str, Any], methods: Sequence[str]) -> list[tuple[str, str | None]]:
    """(method, method_b) that a metric is computed on: pairs, each method, or attention alone."""
    kind = facts("metric", metric["name"])["kind"]
    if kind == "pair":
        return list(combinations(sorted(methods), 2))
    return [(method, None) for method in sorted(methods) if kind == "method" or method == ATTENTION]
