"""Planted rankings: the order is recovered, equal metrics agree, opposed ones are opposed; what is missing says why."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attnexplain.registry import facts
from attnexplain.statistics.agreement import NO_VALUE, agreement_rows
from attnexplain.statistics.panel import Panel, resampled_means
from attnexplain.statistics.ranked import METHODS, MODELS, WITH_CONTROLS, Measured, directions, model_id
from measured_runs import metric

NAN = float("nan")
TAU, AUPRC = ("tau", "attention", "gradient"), ("auprc", "attention", "")
SIGNS = {"tau": 1, "auprc": 1, "precision": 1, "loss": -1}


def crossed(levels, seeds=3, examples=60, noise=0.5, rng=None):
    """Values (models x seeds, examples) around a level per model."""
    rng = rng or np.random.default_rng(0)
    return np.repeat(levels, seeds)[:, None] + noise * rng.normal(size=(len(levels) * seeds, examples))


def measured(values, n_models, seeds=(1, 2, 3), controls=None, resamples=300):
    names = [f"m{i}" for i in range(n_models)]
    found = Panel(names, np.repeat(np.arange(n_models), len(seeds)), np.tile(seeds, n_models), values)
    means = resampled_means(found, resamples, np.random.default_rng(1))
    return Measured(found, means, SIGNS, controls or ["none"] * n_models)


def table(found, confidence=0.95):
    rows = pd.DataFrame(agreement_rows(found, confidence))
    return rows.reindex(columns=[*dict.fromkeys([*rows, "missing_reason", "p_value", "ci_low", "order_share"])])


def pair(rows, first, second, ranked=MODELS):
    found = rows[(rows["kind"] == "metrics") & (rows["ranked"] == ranked)]
    found = found[(found["metric"] == first) & (found["metric_other"] == second)]
    assert len(found) == 1
    return found.iloc[0]


def test_a_planted_order_is_recovered():
    levels = np.array([0.0, 3.0, 1.0, 2.0])
    rows = table(measured({TAU: crossed(levels)}, 4))
    ranks = rows[(rows["kind"] == "rank") & (rows["ranked"] == MODELS)]
    assert ranks["item"].tolist() == ["m1", "m3", "m2", "m0"]
    assert ranks["value"].tolist() == [1, 2, 3, 4]
    assert ranks[["ci_low", "ci_high"]].to_numpy().tolist() == [[1, 1], [2, 2], [3, 3], [4, 4]]
    assert ranks["first_share"].tolist() == [1, 0, 0, 0]
    assert ranks["order_share"].tolist()[:3] == [1, 1, 1] and np.isnan(ranks["order_share"].iloc[3])
    stability = rows[(rows["kind"] == "stability") & (rows["ranked"] == MODELS)].iloc[0]
    assert (stability["value"], stability["order_share"], stability["ci_kind"]) == (1, 1, "crossed-bootstrap")


def test_metrics_that_agree_by_construction_give_one_and_opposed_ones_minus_one():
    values = crossed(np.arange(5.0))
    given = {("loss", "attention", ""): values, ("precision", "attention", ""): 2 * values + 1, TAU: values}
    rows = table(measured(given, 5))
    same, opposed = pair(rows, "precision", "tau"), pair(rows, "loss", "tau")
    assert (same["value"], same["ci_low"], same["ci_high"]) == (1, 1, 1)
    assert (opposed["value"], opposed["ci_low"], opposed["ci_high"]) == (-1, -1, -1)
    assert same["p_value"] == pytest.approx(2 / 120) and same["p_least"] == pytest.approx(2 / 120)
    assert opposed["p_value"] == pytest.approx(2 / 120)


def test_a_metric_of_direction_lower_ranks_the_smallest_first():
    rows = table(measured({("loss", "attention", ""): crossed(np.array([0.5, 9.0, 4.0]))}, 3))
    ranks = rows[(rows["kind"] == "rank") & (rows["ranked"] == MODELS)]
    assert ranks["item"].tolist() == ["m0", "m2", "m1"]
    assert ranks["mean"].is_monotonic_increasing and ranks["mean"].min() > 0


def test_tau_its_interval_and_ranks_are_those_of_the_resampled_means():
    rng = np.random.default_rng(3)
    first, second = crossed(np.arange(6) / 8, rng=rng), crossed(np.arange(6)[::-1] / 8, rng=rng)
    found = measured({AUPRC: first, TAU: second}, 6)
    row = pair(table(found, confidence=0.9), "auprc", "tau")
    x, y = found.means[AUPRC], found.means[TAU]
    taus = [stats.kendalltau(a, b).statistic for a, b in zip(x, y, strict=True)]
    assert row["value"] == pytest.approx(taus[0])
    ordered = sorted(taus[1:])  # of 300 the percentiles lie between places: the outer ones
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([ordered[14], ordered[285]])
    assert row["p_value"] == pytest.approx(stats.kendalltau(x[0], y[0]).pvalue)
    assert (row["n_ranked"], row["n_examples"], row["n_seeds"], row["n_resamples"]) == (6, 60, 3, 300)
    ranks = table(found).query("kind == 'rank' and metric == 'tau' and ranked == 'models'").set_index("item")
    drawn = stats.rankdata(-y[1:], axis=1)
    for model in range(6):
        own = ranks.loc[f"m{model}"]
        ordered = sorted(drawn[:, model])
        assert [own["ci_low"], own["ci_high"]] == [ordered[7], ordered[292]]
        assert own["first_share"] == pytest.approx((drawn[:, model] == 1).mean())
    stability = table(found).query("kind == 'stability' and metric == 'tau' and ranked == 'models'").iloc[0]
    kept = [stats.kendalltau(y[0], other).statistic for other in y[1:]]
    assert stability["value"] == pytest.approx(np.mean(kept))


def test_noise_alone_holds_no_order():
    rows = table(measured({TAU: crossed(np.zeros(4), noise=1.0)}, 4, resamples=2000))
    stability = rows[(rows["kind"] == "stability") & (rows["ranked"] == MODELS)].iloc[0]
    assert stability["order_share"] < 0.5 and stability["value"] < 0.9
    ranks = rows[(rows["kind"] == "rank") & (rows["ranked"] == MODELS)]
    assert (ranks["ci_high"] - ranks["ci_low"]).max() >= 2
    assert ranks["first_share"].sum() == pytest.approx(1)


def test_controls_are_ranked_beside_the_models_in_a_group_of_their_own():
    given = {AUPRC: crossed(np.array([2.0, 1.0, 0.0, 3.0, 4.0])), TAU: crossed(np.arange(5.0))}
    rows = table(measured(given, 5, controls=["none", "none", "none", "untrained", "untrained"]))
    alone, together = pair(rows, "auprc", "tau"), pair(rows, "auprc", "tau", WITH_CONTROLS)
    assert (alone["n_ranked"], alone["value"]) == (3, -1)
    assert together["n_ranked"] == 5 and together["value"] == pytest.approx(0.4)


def of_methods(levels, n_models=2, names=("attention", "gradient", "random"), noise=0.3):
    """Values per metric and method: `levels` {metric: a level per method}."""
    rng = np.random.default_rng(4)
    return {
        (name, method, ""): crossed(np.full(n_models, level), noise=noise, rng=rng)
        for name, own in levels.items()
        for method, level in zip(names, own, strict=True)
    }


def test_methods_are_ranked_under_each_model_and_by_their_mean():
    rows = table(measured(of_methods({"auprc": [3, 2, 1], "precision": [1, 2, 3]}), 2))
    found = rows[(rows["kind"] == "rank") & (rows["ranked"] == METHODS)]
    assert set(found["model"].fillna("mean")) == {"m0", "m1", "mean"}
    for (_, name), group in found.groupby([found["model"].fillna("mean"), "metric"]):
        order = ["attention", "gradient", "random"]
        assert group["item"].tolist() == (order if name == "auprc" else order[::-1])
    agreements = rows[(rows["kind"] == "metrics") & (rows["ranked"] == METHODS)]
    assert agreements["value"].tolist() == [-1, -1, -1]
    assert agreements["p_least"].tolist() == pytest.approx([1 / 3] * 3)


def test_methods_are_averaged_over_the_models_that_have_them_all():
    values = of_methods({"auprc": [3, 2, 1]}, n_models=3)
    values[("auprc", "gradient", "")][:3] = NAN  # the first model
    values[("auprc", "attention", "")][:3] = -50.0
    found = measured(values, 3)
    rows = table(found)
    mean = rows[(rows["kind"] == "rank") & rows["model"].isna() & (rows["ranked"] == METHODS)].set_index("item")
    expected = [values[("auprc", method, "")][3:].mean() for method in ("attention", "gradient", "random")]
    assert mean.loc[["attention", "gradient", "random"], "mean"].tolist() == pytest.approx(expected)
    first = rows[(rows["kind"] == "rank") & (rows["model"] == "m0")].set_index("item")
    assert first.loc["gradient", "missing_reason"] == NO_VALUE and first.loc["random", "value"] == 1


def test_a_metric_that_a_model_lacks_ranks_the_others():
    values = {AUPRC: crossed(np.arange(4.0)), TAU: crossed(np.arange(4.0))}
    values[TAU][9:] = NAN  # the last model
    rows = table(measured(values, 4))
    assert (pair(rows, "auprc", "tau")["n_ranked"], pair(rows, "auprc", "tau")["value"]) == (3, 1)
    ranks = rows[(rows["kind"] == "rank") & (rows["metric"] == "tau") & (rows["ranked"] == MODELS)]
    assert ranks["item"].tolist() == ["m2", "m1", "m0", "m3"]
    assert ranks["missing_reason"].isna().tolist() == [True, True, True, False]
    assert ranks["missing_reason"].iloc[3] == NO_VALUE
    assert np.isnan(ranks["value"].iloc[3])


def test_two_models_are_ranked_but_no_metrics_are_compared_by_them():
    rows = table(measured({AUPRC: crossed(np.arange(2.0)), TAU: crossed(np.arange(2.0))}, 2))
    rows = rows[rows["ranked"] == MODELS]
    (said,) = rows.loc[rows["kind"] == "metrics", "missing_reason"]
    assert said == "2 models: tau needs 3"
    assert rows.loc[rows["kind"] == "stability", "missing_reason"].eq("2 models with a value: tau needs 3").all()
    assert rows.loc[rows["kind"] == "rank", "first_share"].tolist() == [1, 0, 1, 0]


def test_every_row_has_a_value_or_a_reason():
    values = {
        AUPRC: crossed(np.zeros(4), noise=0),
        TAU: crossed(np.arange(4.0)),
        ("f1", "", ""): np.full((12, 60), NAN),
    }
    found = measured(values, 4)
    rows = table(Measured(found.panel, found.means, {**SIGNS, "f1": 1}, found.controls))
    assert (rows["value"].isna() == rows["missing_reason"].notna()).all()
    assert pair(rows, "auprc", "tau")["missing_reason"] == "all models have the same value"
    assert pair(rows, "auprc", "f1")["missing_reason"] == "0 models with a value: tau needs 3"


def test_one_seed_is_labelled_examples_only_and_one_example_has_no_interval():
    rows = table(measured({AUPRC: crossed(np.arange(3.0), 1), TAU: crossed(np.arange(3.0), 1)}, 3, seeds=(1,)))
    assert set(rows["ci_kind"].dropna()) == {"examples-only"} and set(rows["n_seeds"][rows["value"].notna()]) == {1}
    given = {AUPRC: crossed(np.arange(3.0), examples=1, noise=0), TAU: crossed(np.arange(3.0), examples=1, noise=0)}
    rows = table(measured(given, 3))
    assert pair(rows, "auprc", "tau")["value"] == 1 and rows["ci_low"].isna().all()
    said = rows.loc[rows["kind"] == "stability", "missing_reason"]
    assert said.eq("one example: nothing to resample").all()


def test_a_model_of_one_seed_among_others_makes_the_interval_examples_only():
    values = crossed(np.arange(3.0))[:7]
    found = Panel(["a", "b", "c"], np.array([0, 0, 0, 1, 1, 1, 2]), np.array([1, 2, 3, 1, 2, 3, 1]), {TAU: values})
    means = resampled_means(found, 50, np.random.default_rng(0))
    rows = table(Measured(found, means, SIGNS, ["none"] * 3))
    assert set(rows["ci_kind"].dropna()) == {"examples-only"}


def test_a_study_without_controls_or_metrics_of_methods_says_so():
    rows = table(measured({TAU: crossed(np.arange(3.0))}, 3))
    assert set(rows["ranked"]) == {MODELS, METHODS}
    (said,) = rows.loc[rows["ranked"] == METHODS, "missing_reason"]
    assert said == "no metric with a direction measures two methods"


def test_directions_are_those_of_the_facts():
    experiment = {"name": "adversary", "id": "adversary-0a1b2c"}
    names = ("kendall-tau", "attention-entropy", "max-attention", "evidence-auprc")
    found = directions({"metrics": [metric(name) for name in names], "experiments": [experiment]})
    assert found["kendall-tau"] == found["evidence-auprc"] == found["accuracy"] == found["roc-auc"] == 1
    assert "attention-entropy" not in found and "max-attention" not in found
    columns = facts("experiment", "adversary")["columns"]
    told = {name for name, column in columns.items() if column.get("direction", "").startswith("higher")} - {
        "max_attention"
    }
    measured = {f"adversary-0a1b2c:{name}" for name in told}
    assert {name for name in found if ":" in name} == {*measured, "adversary-curve:area"}


def test_models_are_called_as_their_runs_are():
    slug = {"encoder": "bilstm", "attention": "additive", "normaliser": "softmax", "regulariser": "none"}
    assert model_id({**slug, "control": "none"}) == "bilstm.additive.none"
    assert model_id({**slug, "normaliser": "sparsemax", "control": "untrained"}) == (
        "bilstm.additive+sparsemax.none.untrained"
    )
