"""What counts as a change: against scipy, statsmodels and differences that are planted."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from attnexplain.statistics.changes import COLUMNS, KEYS, ROUNDING, changes
from attnexplain.tables import statistics
from report_tables import cell, frame

SST = cell("sst", "bilstm", "additive")
TAU = ("kendall-tau", "attention", "gradient")


def row(mean=0.2, half=0.05, one=SST, name=TAU, class_="all", **more):
    metric, method, method_b = name
    ends = {} if half is None else {"ci_low": mean - half, "ci_high": mean + half, "ci_kind": "two-way"}
    about = {"study": "demo", **one, "metric": metric, "method": method, "method_b": method_b, "class": class_}
    return {**about, "options": "{}", "mean": mean, **ends, "n_examples": 50, "n_seeds": 3, "n_undefined": 0, **more}


MISSING = {**row(half=None), "mean": None, "missing_reason": "no source"}


def values(rng, n=50, seeds=(1, 2, 3), shift=0.0, base=None):
    """Values of `n` texts under each seed; those of `base` with a little noise where it is given."""
    index = pd.MultiIndex.from_product([seeds, [f"t{i}" for i in range(n)]], names=["seed", "example_id"])
    noise = pd.Series(rng.normal(0, 0.1, len(index)), index)
    found = noise if base is None else base.set_index(["seed", "example_id"])["value"] + shift + noise / 10
    return found.rename("value").reset_index().assign(target=0)


def compared(a, b, pairs=None, confidence=0.95):
    tables = (frame(rows, statistics.SCHEMA) for rows in (a, b))
    return changes(*tables, lambda _: pairs or {}, confidence).astype(object)


def one(a, b, **more):
    (_, found), *others = compared([a], [b], **more).iterrows()
    assert not others and list(found.index) == list(COLUMNS)
    return found


def test_a_row_has_the_first_status_that_holds():
    cases = {
        "same": (row(), row()),
        "rounding": (row(), row(0.2 + ROUNDING / 2)),
        "details": (row(), row(n_undefined=3)),
        "lost": (row(), MISSING),
        "gained": (MISSING, row()),
        "unknown": (row(half=None), row(0.3, half=None)),
        "noise": (row(), row(0.21)),
        "changed": (row(), row(0.9)),
    }
    assert {status: one(*both)["status"] for status, both in cases.items()} == {status: status for status in cases}
    assert one(*cases["details"])["differs_in"] == "n_undefined"
    assert one(*cases["lost"])["reason_b"] == "no source"


def test_rows_of_one_side_alone_and_rows_missing_on_both_are_told_apart():
    other = row(one=cell("imdb", "cnn", "dot"))
    found = compared([row(), MISSING | {"metric": "f1"}], [other, MISSING | {"metric": "f1"}])
    assert dict(zip(found["metric"] + found["dataset"], found["status"], strict=True)) == {
        "kendall-tausst": "only-a",
        "kendall-tauimdb": "only-b",
        "f1sst": "same",
    }


def test_rows_are_found_by_their_keys_whatever_their_order():
    rows = [row(name=(f"m{i}", None, None), mean=i / 10) for i in range(5)]
    assert set(compared(rows, rows[::-1])["status"]) == {"same"}
    assert len(compared(rows, rows).drop_duplicates(list(KEYS))) == 5


def test_the_pair_of_one_seed_is_the_paired_t_test():
    rng = np.random.default_rng(0)
    a = values(rng, seeds=(1,))
    b = values(rng, seeds=(1,), base=a, shift=0.02)
    found = one(row(), row(0.22), pairs={TAU: (a, b)})
    expected = stats.ttest_rel(b["value"], a["value"])
    limits = expected.confidence_interval(0.95)
    assert found[["ci_low", "ci_high", "p_value"]].tolist() == pytest.approx([*limits, expected.pvalue])
    assert found[["basis", "ci_kind", "n_examples", "n_seeds", "status"]].tolist() == [
        *("paired", "examples-only", 50, 1, "changed"),
    ]


def test_a_small_change_is_seen_in_pairs_alone():
    rng = np.random.default_rng(1)
    a = values(rng)
    b = values(rng, base=a, shift=0.02)
    assert one(row(), row(0.22), pairs={TAU: (a, b)})["status"] == "changed"
    assert one(row(), row(0.22))["status"] == "noise"


def test_the_order_of_texts_does_not_matter_to_the_pair():
    rng = np.random.default_rng(2)
    a = values(rng)
    b = values(rng, base=a, shift=0.01)
    shuffled = b.sample(frac=1, random_state=0)
    first, second = (one(row(), row(0.21), pairs={TAU: (a, other)}) for other in (b, shuffled))
    assert second["p_value"] == pytest.approx(first["p_value"])


def test_values_of_other_texts_are_no_pair():
    rng = np.random.default_rng(3)
    a, b = values(rng), values(rng)
    few = b.assign(example_id=b["example_id"].where(b["example_id"] < "t3", "other " + b["example_id"]))
    assert one(row(), row(0.22), pairs={TAU: (a, few)})["basis"] == "independent"
    undefined = b.assign(value=b["value"].where(b["example_id"] != "t7"))
    found = one(row(), row(0.22), pairs={TAU: (a, undefined)})
    assert (found["basis"], found["n_examples"]) == ("paired", 49)


def test_a_class_is_judged_by_the_texts_that_both_predict_as_it():
    rng = np.random.default_rng(4)
    a = values(rng)
    a["target"] = (a["example_id"] < "t3").astype(int)
    b = a.assign(value=a["value"] + np.where(a["target"] == 1, 0.3, 0.0))
    of_class = {name: one(row(class_=name), row(0.3, class_=name), pairs={TAU: (a, b)}) for name in ("0", "1")}
    assert of_class["0"]["difference"] == 0 and of_class["0"]["status"] == "noise"
    assert of_class["1"]["difference"] == pytest.approx(0.3) and of_class["1"]["status"] == "changed"
    assert one(row(class_="1"), row(0.3, class_="1"), pairs={TAU: (a, b.assign(target=-1))})["basis"] == "independent"


def test_two_intervals_alone_agree_with_their_p_value_at_their_own_level():
    """Square-and-add limits of equal halves lie sqrt(2) halves apart: just there 0 is their end."""
    edge = 0.05 * np.sqrt(2)
    for sign in (-1, 1):
        found = one(row(), row(0.2 + sign * edge))
        assert found["p_value"] == pytest.approx(0.05)
        assert min(abs(found["ci_low"]), abs(found["ci_high"])) == pytest.approx(0, abs=1e-12)
    assert one(row(), row(0.2 + 1.05 * edge))["p_value"] < 0.05 < one(row(), row(0.2 + 0.95 * edge))["p_value"]


def test_an_interval_of_texts_alone_says_so():
    single = {"ci_kind": "examples-only", "n_seeds": 1}
    assert one(row(**single), row(0.3, **single))["ci_kind"] == "examples-only"
    assert one(row(), row(0.3))["ci_kind"] == "square-and-add"


def test_intervals_of_texts_alone_cannot_show_a_change_between_runs_that_may_differ():
    """Other seeds differ by training, which such an interval does not know of; the same seeds in pairs are judged."""
    single = {"ci_kind": "examples-only", "n_seeds": 1}
    found = one(row(**single), row(0.9, **single))
    assert found["p_adjusted"] < 1e-6 and found["status"] == "perhaps"
    assert one(row(**single), row(0.9))["status"] == "perhaps"


def test_of_many_rows_only_those_that_stand_after_adjustment_have_changed():
    rng = np.random.default_rng(5)
    base = values(rng)
    names = [(f"m{i:02}", "attention", None) for i in range(40)]
    pairs = {(name, method, ""): (base, values(rng, base=base)) for name, method, _ in names[1:]}
    pairs["m00", "attention", ""] = base, values(rng, base=base, shift=0.5)
    rows = [[row(mean, name=name) for name in names] for mean in (0.2, 0.21)]
    found = compared(*rows, pairs=pairs)
    assert found.loc[found["status"] == "changed", "metric"].tolist() == ["m00"]
    raw = found["p_value"].to_numpy(float)
    np.testing.assert_allclose(found["p_adjusted"].to_numpy(float), multipletests(raw, method="holm")[1])
    # An interval that leaves out 0 is seen, whatever the adjustment says.
    outside = (found["ci_low"].astype(float) > 0) | (found["ci_high"].astype(float) < 0)
    assert found["status"].tolist()[1:] == ["perhaps" if left else "noise" for left in outside[1:]]
