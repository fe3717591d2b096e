"""What models cost and gain: planted means and intervals, so that every difference is known beforehand."""

from typing import Any

import pytest

from attnexplain.statistics.gains import gain, gain_rows
from attnexplain.tables import gains as gains_table

ADVERSARY = "adversarial-0a1b2c"
TAU = {"metric": "kendall-tau", "method": "attention", "method_b": "gradient"}
ACCURACY = {"metric": "accuracy", "method": None, "method_b": None}


def cell(**axes: str) -> dict[str, str]:
    plain = {"dataset": "sst", "limits": "none", "encoder": "bilstm", "attention": "additive"}
    return {**plain, "normaliser": "softmax", "regulariser": "none", "control": "none", **axes}


def measured(one: dict[str, str], about: dict[str, Any], mean: float | None, **more: Any) -> dict[str, Any]:
    ends = {"ci_low": None, "ci_high": None, "ci_kind": None, "missing_reason": None}
    counts = {"n_examples": 50, "n_seeds": 3, "n_undefined": 0}
    return {"study": "demo", **one, **about, "class": "all", "mean": mean, **ends, **counts, **more}


def compared(
    one: dict[str, str], about: dict[str, Any], axis: str, sides: tuple[str, str], numbers: tuple, kind: str = "two-way"
) -> dict[str, Any]:
    difference, low, high = numbers
    ends = {"ci_low": low, "ci_high": high, "ci_kind": kind, "p_adjusted": 0.01}
    return {
        **one,
        **about,
        "class": "all",
        "axis": axis,
        "value": sides[0],
        "other": sides[1],
        "difference": difference,
    } | ends


MODELS = [
    cell(),
    cell(regulariser="tying"),
    cell(normaliser="sparsemax"),
    cell(encoder="average"),
    cell(encoder="average", regulariser="tying"),
    cell(regulariser=f"{ADVERSARY}+tying"),
    cell(control="untrained"),
]


def rows(comparisons: list[dict[str, Any]]) -> dict[tuple[str, ...], dict[str, Any]]:
    statistics = [measured(one, about, 0.5) for one in MODELS for about in (ACCURACY, TAU)]
    found = [*gain_rows(statistics, comparisons)]
    assert all(set(row) <= {*gains_table.SCHEMA.columns.names} for row in found)
    keys = ("encoder", "normaliser", "regulariser", "notion")
    return {tuple(row[key] for key in keys): row for row in found}


def test_a_model_departs_from_its_plain_model_on_one_axis_alone() -> None:
    found = rows([])
    departures = {key[:3]: (row["axis"], row["plain"]) for key, row in found.items()}
    assert departures == {
        ("bilstm", "softmax", "none"): (None, None),
        ("bilstm", "softmax", "tying"): ("regulariser", "none"),
        ("bilstm", "sparsemax", "none"): ("normaliser", "softmax"),
        ("average", "softmax", "none"): ("encoder", "bilstm"),
        ("average", "softmax", "tying"): ("regulariser", "none"),
    }


def test_a_difference_is_the_models_less_its_plain_models_on_whichever_side_the_model_stands() -> None:
    found = rows(
        [
            compared(cell(), TAU, "regulariser", ("none", "tying"), (-0.2, -0.3, -0.1)),
            compared(cell(normaliser="softmax"), TAU, "normaliser", ("softmax", "sparsemax"), (0.1, -0.1, 0.3)),
            compared(cell(encoder="average"), TAU, "encoder", ("average", "bilstm"), (-0.4, -0.5, -0.3)),
        ]
    )
    numbers = ("difference", "difference_low", "difference_high", "gain")
    assert tuple(found["bilstm", "softmax", "tying", "tau-gradient"][name] for name in numbers) == (
        0.2,
        0.1,
        0.3,
        "better",
    )
    sparse = found["bilstm", "sparsemax", "none", "tau-gradient"]
    assert tuple(sparse[name] for name in numbers) == (-0.1, -0.3, 0.1, "no difference found")
    assert tuple(found["average", "softmax", "none", "tau-gradient"][name] for name in numbers) == (
        -0.4,
        -0.5,
        -0.3,
        "worse",
    )
    assert found["average", "softmax", "tying", "tau-gradient"].get("difference") is None
    assert found["bilstm", "softmax", "tying", "accuracy"].get("difference") is None


@pytest.mark.parametrize(
    ("better", "low", "high", "kind", "said"),
    [
        ("higher", 0.1, 0.2, "two-way", "better"),
        ("higher", -0.2, -0.1, "two-way", "worse"),
        ("lower", 0.1, 0.2, "two-way", "worse"),
        ("lower", -0.2, -0.1, "two-way", "better"),
        ("lower", -0.2, 0.1, "two-way", "no difference found"),
        ("higher", 0.0, 0.0, "two-way", "no difference found"),
        ("higher", 0.1, 0.2, "examples-only", None),
        (None, 0.1, 0.2, "two-way", None),
        ("higher", None, None, None, None),
    ],
)
def test_a_gain_is_what_the_interval_says(better: Any, low: Any, high: Any, kind: Any, said: Any) -> None:
    assert gain(better, low, high, kind) == said


def test_the_first_variant_of_a_metric_stands_for_its_notion() -> None:
    exact = [
        {"metric": f"adversary-exact-{x}:jsd_max", "method": "attention", "method_b": None}
        for x in ("bbbbbb", "aaaaaa")
    ]
    statistics = [measured(cell(), about, mean) for about, mean in zip(exact, (0.1, 0.2), strict=True)]
    assert [(row["notion"], row["mean"]) for row in gain_rows(statistics, [])] == [("adversary", 0.2)]
