"""Expected values: the procedures written out as their authors step through them, scipy's false discovery control."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from attnexplain.statistics.multiplicity import benjamini_hochberg, holm, verdict, with_adjusted

P = [0.01, 0.04, 0.03, 0.005, 0.8]


def rejected_by_holm(p_values, level):
    """Step down: the smallest against level / m, the next against level / (m - 1), until one is larger."""
    order, found = np.argsort(p_values, kind="stable"), set()
    for step, place in enumerate(order):
        if p_values[place] > level / (len(p_values) - step):
            break
        found.add(int(place))
    return found


def rejected_by_benjamini_hochberg(p_values, level):
    """Step up: all up to the largest k with p_(k) <= k level / m."""
    order = np.argsort(p_values, kind="stable")
    below = [k for k, place in enumerate(order, start=1) if p_values[place] <= k * level / len(p_values)]
    return {int(place) for place in order[: max(below, default=0)]}


@pytest.mark.parametrize(
    ("adjust", "rejected"), [(holm, rejected_by_holm), (benjamini_hochberg, rejected_by_benjamini_hochberg)]
)
def test_adjusted_p_values_reject_what_the_procedure_rejects(adjust, rejected):
    rng = np.random.default_rng(0)
    for _ in range(20):  # statsmodels collects garbage at each call, which takes long among many modules
        p_values = (rng.random(8) ** 3).tolist()
        level = float(rng.random()) / 4
        found = {place for place, p in enumerate(adjust(p_values)) if p <= level}
        assert found == rejected(p_values, level)


def test_holm_and_false_discovery_rate_of_a_textbook_family():
    assert holm(P) == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.8])
    assert benjamini_hochberg(P) == pytest.approx(false_discovery_control(P).tolist())


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_what_has_no_p_value_is_no_member(adjust):
    mixed = adjust([None, 0.01, float("nan"), 0.03])
    assert mixed[1::2] == pytest.approx(adjust([0.01, 0.03]))
    assert (mixed[0], mixed[2]) == (None, None)
    assert (adjust([]), adjust([None])) == ([], [None])


def row(p, metric="kendall-tau", class_="all", equivalence=None):
    return {"class": class_, "metric": metric, "p_value": p, "p_equivalence": equivalence}


def test_a_family_is_the_rows_of_all_classes_of_its_metrics():
    rows = [row(0.01), row(0.02), row(0.001, class_="0"), row(0.04, "evidence-auprc"), row(None)]
    assert [one["p_adjusted"] for one in with_adjusted(rows, None)] == [0.03, 0.04, None, 0.04, None]
    assert [one["p_adjusted"] for one in with_adjusted(rows, ["kendall-tau"])] == [0.02, 0.02, None, None, None]
    assert [one["p_fdr"] for one in with_adjusted(rows, ["kendall-tau"])] == [0.02, 0.02, None, None, None]
    assert with_adjusted(rows, None)[2]["p_value"] == 0.001


def test_tests_of_equivalence_are_a_family_of_their_own():
    rows = [row(0.01, equivalence=0.02), row(0.02), row(0.03, equivalence=0.03)]
    found = with_adjusted(rows, None)
    assert [one["p_equivalence_adjusted"] for one in found] == [0.04, None, 0.04]
    assert [one["p_adjusted"] for one in found] == holm([0.01, 0.02, 0.03])


@pytest.mark.parametrize(
    ("kind", "p", "equivalence", "expected"),
    [
        ("two-way", 0.05, None, "different"),
        ("two-way", 0.06, None, "cannot be told"),
        ("two-way", 0.06, 0.04, "equivalent"),
        ("two-way", 0.01, 0.04, "equivalent"),  # a difference too small to matter
        ("two-way", 0.01, 0.06, "different"),
        ("two-way", None, None, None),  # outside of the family
        ("examples-only", 0.0, None, "cannot be told"),
        (None, None, None, None),
    ],
)
def test_verdict(kind, p, equivalence, expected):
    adjusted = {"p_adjusted": p, "p_equivalence_adjusted": equivalence}
    assert verdict({"ci_kind": kind, **adjusted}, 0.95) == expected


def test_random_scores_are_no_members_of_a_family():
    rows = [
        {"class": "all", "metric": "kendall-tau", "method": method, "method_b": method_b, "p_value": 0.01, **more}
        for method, method_b, more in (
            ("attention", "gradient", {}),
            ("attention", "random", {}),
            ("random-1a2b3c", None, {}),
            ("attention", None, {"axis": "method", "value": "attention", "other": "random"}),
        )
    ]
    assert [row["p_adjusted"] for row in with_adjusted(rows, None)] == [0.01, None, None, None]
