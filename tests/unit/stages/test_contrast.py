"""Expected numbers: plain pandas on the measures of invented runs, scipy on the differences."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, roc_auc_score

from attnexplain.errors import ResultError
from attnexplain.stages import contrast, tables
from attnexplain.statistics.intervals.two_way import interval
from attnexplain.statistics.multiplicity import holm
from attnexplain.statistics.tests import t_test
from attnexplain.tables.comparisons import AXES
from measured_runs import METHODS, PROVENANCE, SETTINGS, plugins, spec, write_predictions, write_run

PERMUTATION = {"name": "permutation", "id": "permutation", "options": {"draws": 100}}
USED = {"metrics": plugins(), "experiments": [PERMUTATION], "compare": list(AXES)}
TAU = ["metric == 'kendall-tau'", "method == 'attention'", "method_b == 'gradient'"]


def computed(folder, measures, **settings):
    output = folder / "comparisons.parquet"
    common = {"runs": folder / "runs", "provenance": PROVENANCE}
    contrast.run(settings={**SETTINGS, **USED, **settings}, measures=measures, output=output, **common)
    return pd.read_parquet(output)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A BiLSTM of three seeds, a CNN of two of them and another, and an untrained BiLSTM; comparisons and measures."""
    folder = tmp_path_factory.mktemp("study")
    specs = [spec(seed) for seed in (1, 2, 3)] + [spec(seed, encoder="cnn") for seed in (2, 3, 4)]
    specs.append(spec(1, control="untrained"))
    paths = [write_run(folder, about) for about in specs]
    for about in specs[3:6]:  # another model than the BiLSTM of that seed
        write_predictions(folder / "runs" / about["run"], {**about, "seed": 50 + about["seed"]}, 40)
        (folder / "runs" / about["run"] / "spec.json").write_text(json.dumps(about), encoding="utf-8")
        shift(folder / "measures" / f"{about['run']}.parquet", about["seed"])
    return computed(folder, paths), folder, paths


def shift(path, seed):
    """Other values, some undefined."""
    table = pq.read_table(path)
    rng = np.random.default_rng(seed)
    frame = table.to_pandas()
    frame["value"] = frame["value"] * 0.5 + 0.1 * rng.normal(size=len(frame))
    frame.loc[rng.random(len(frame)) < 0.1, "value"] = np.nan
    pq.write_table(pa.Table.from_pandas(frame, table.schema, preserve_index=False), path)


def one(rows, *queries):
    for query in queries:
        rows = rows.query(query)
    assert len(rows) == 1
    return rows.iloc[0]


def values(folder, run, metric, method, method_b=None):
    rows = pd.read_parquet(folder / "measures" / f"{run}.parquet").query("metric == @metric and method == @method")
    rows = rows[rows["method_b"].isna()] if method_b is None else rows.query("method_b == @method_b")
    return rows.set_index("example_id")["value"]


def gaps_of(pairs):
    """Long table of differences: one column per seed."""
    table = pd.DataFrame({seed: first - second for seed, (first, second) in pairs.items()})
    long = table.reset_index().melt("example_id", var_name="seed", value_name="gap")
    return long, long.dropna()


def test_cells_are_compared_over_what_both_have(study):
    rows, folder, _ = study
    row = one(rows, "axis == 'encoder'", *TAU)
    pair = ("kendall-tau", "attention", "gradient")
    sides = {
        seed: [values(folder, spec(seed, encoder=encoder)["run"], *pair) for encoder in ("bilstm", "cnn")]
        for seed in (2, 3)
    }
    long, defined = gaps_of(sides)
    assert (row["encoder"], row["value"], row["other"]) == ("bilstm", "bilstm", "cnn")
    assert row["difference"] == pytest.approx(defined["gap"].mean(), rel=1e-12)
    assert row["difference"] == pytest.approx(row["mean"] - row["other_mean"])
    counts = (defined["example_id"].nunique(), 2, long["gap"].isna().sum())
    assert tuple(row[["n_examples", "n_seeds", "n_undefined"]]) == counts
    assert long["gap"].isna().sum() > 2
    limits = interval(defined["gap"].to_numpy(), defined["seed"].to_numpy(), defined["example_id"].to_numpy(), 0.95)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((limits.low, limits.high))
    assert row["ci_kind"] == "two-way"
    assert row["p_value"] == pytest.approx(t_test(row["difference"], limits))
    t = row["difference"] / np.sqrt(limits.variance)
    assert row["p_value"] >= 2 * stats.t.sf(abs(t), limits.df) * (1 - 1e-9)
    assert row["effect"] == pytest.approx(row["difference"] / defined["gap"].std())
    assert pd.isna(row["verdict"]) and pd.isna(row["p_adjusted"])


def test_one_shared_seed_is_the_paired_t_test_and_says_so(study):
    rows, folder, _ = study
    row = one(rows, "axis == 'control'", "metric == 'permutation:tvd_median'")
    assert (row["control"], row["value"], row["other"]) == ("none", "none", "untrained")
    assert (row["n_seeds"], row["ci_kind"]) == (1, "examples-only")
    assert row["difference"] == pytest.approx(0)  # the invented files depend on the seed alone
    of_methods = "axis == 'method' and value == 'attention' and other == 'gradient' and control == 'untrained'"
    row = one(rows, of_methods, "metric == 'evidence-auprc'")
    run = spec(1, control="untrained")["run"]
    sides = [values(folder, run, "evidence-auprc", name) for name in ("attention", "gradient")]
    gap = (sides[0] - sides[1]).dropna()
    expected = stats.ttest_rel(*(side[gap.index] for side in sides))
    assert row["p_value"] == pytest.approx(expected.pvalue)


def test_methods_are_compared_alone_or_where_two_pairs_share_one(study):
    rows, _, _ = study
    found = rows.query("axis == 'method' and encoder == 'bilstm' and control == 'none'")
    single = found.query("metric == 'evidence-auprc'")[["method", "value", "other"]].to_numpy().tolist()
    assert single == [[a, a, b] for a, b in (METHODS[:2], METHODS[::2], METHODS[1:])]
    pairs = found.query("metric == 'kendall-tau'")[["method", "method_b", "value", "other"]].to_numpy().tolist()
    attention, gradient, left_out = METHODS
    assert sorted(pairs) == [
        [attention, gradient, attention, left_out],  # with gradient and leave-one-out
        [attention, gradient, gradient, left_out],  # with attention and leave-one-out
        [attention, left_out, attention, gradient],  # with gradient and leave-one-out
    ]
    assert set(found["metric"]) == {"evidence-auprc", "kendall-tau"}


def test_two_agreements_of_the_same_texts_differ_by_what_pandas_says(study):
    rows, folder, _ = study
    row = one(rows, "axis == 'method' and encoder == 'bilstm' and control == 'none'", *TAU, "value == 'attention'")
    sides = {}
    for seed in (1, 2, 3):
        run = spec(seed)["run"]
        pairs = (("attention", "gradient"), ("gradient", "leave-one-out"))
        sides[seed] = [values(folder, run, "kendall-tau", *pair) for pair in pairs]
    _, defined = gaps_of(sides)
    assert row["difference"] == pytest.approx(defined["gap"].mean())
    assert row["n_seeds"] == 3


@pytest.mark.parametrize("metric", ["accuracy", "roc-auc"])
def test_performance_differs_by_the_metric_itself_with_the_interval_of_pseudo_values(study, metric):
    rows, folder, _ = study
    row = one(rows, "axis == 'encoder'", f"metric == '{metric}'")
    found = {"bilstm": [], "cnn": []}
    for encoder, scores in found.items():
        for seed in (2, 3):
            run = folder / "runs" / spec(seed, encoder=encoder)["run"]
            table = pd.read_parquet(run / "predictions.parquet").query("split == 'test'")
            positive = np.stack(table["probability"])[:, 1]
            right = {"accuracy": (accuracy_score, table["target"]), "roc-auc": (roc_auc_score, positive)}[metric]
            scores.append(right[0](table["label"], right[1]))
    assert row["mean"] == pytest.approx(np.mean(found["bilstm"]))
    assert row["other_mean"] == pytest.approx(np.mean(found["cnn"]))
    assert row["ci_low"] + row["ci_high"] == pytest.approx(2 * row["difference"])
    assert row["n_undefined"] == 0
    assert pd.isna(row["method"])


def test_the_interval_of_a_difference_in_accuracy_is_that_of_who_is_right(study):
    rows, folder, _ = study
    row = one(rows, "axis == 'encoder'", "metric == 'accuracy'")
    gaps = []
    for seed in (2, 3):
        runs = [folder / "runs" / spec(seed, encoder=encoder)["run"] for encoder in ("bilstm", "cnn")]
        predicted = [pd.read_parquet(run / "predictions.parquet").query("split == 'test'") for run in runs]
        right = [(table["label"] == table["target"]).to_numpy(float) for table in predicted]
        gaps.append(right[0] - right[1])
    gaps = np.array(gaps)
    limits = interval(gaps.ravel(), *np.indices(gaps.shape).reshape(2, -1), 0.95)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((limits.low, limits.high))
    assert gaps.any()


def test_only_the_axes_that_are_asked_for(study):
    rows, folder, paths = study
    assert set(rows["axis"]) == {"encoder", "control", "method"}
    assert set(computed(folder, paths, compare=["control"])["axis"]) == {"control"}
    assert computed(folder, paths, compare=[]).empty


def test_with_a_reference_all_others_are_compared_with_it(study):
    rows, folder, paths = study
    every = rows.query("axis == 'encoder'")
    for name in sorted({*every["value"], *every["other"]}):
        found = computed(folder, paths, compare=["encoder"], reference={"encoder": name})
        expected = every.query("value == @name or other == @name")
        assert set(found["other"]) == {name} and len(found) == len(expected) > 0
        for (_, mine), (_, theirs) in zip(_keyed(found, "value"), _keyed(expected, name), strict=True):
            sign = 1 if theirs["other"] == name else -1
            assert mine["difference"] == pytest.approx(sign * theirs["difference"], nan_ok=True)
            ends = sorted(sign * theirs[["ci_low", "ci_high"]].to_numpy(float))
            assert mine[["ci_low", "ci_high"]].to_list() == pytest.approx(ends, nan_ok=True)
    methods = computed(folder, paths, compare=["method"], reference={"method": "attention"})
    assert set(methods["other"]) == {"attention"} and set(methods["axis"]) == {"method"}


def _keyed(rows, side):
    """Rows by what is compared with the reference: of a table in either orientation."""
    other = rows["value"] if side == "value" else rows["value"].where(rows["value"] != side, rows["other"])
    keyed = rows.assign(compared=other, **{name: rows[name].fillna("") for name in ("method", "method_b")})
    return keyed.sort_values(["compared", "metric", "method", "method_b", "control"]).iterrows()


def test_cells_that_differ_in_two_axes_are_not_compared(study):
    rows, _, _ = study
    assert rows.query("axis == 'encoder' and control == 'untrained'").empty
    assert rows.query("axis == 'control' and encoder == 'cnn'").empty


def test_a_margin_is_tested_and_without_one_there_is_no_such_test(study):
    rows, folder, paths = study
    assert rows[["margin", "p_equivalence"]].isna().all().all()
    found = computed(folder, paths, margins={"kendall-tau": 0.2})
    row = one(found, "axis == 'encoder'", *TAU)
    half = (row["ci_high"] - row["ci_low"]) / 2
    assert row["margin"] == 0.2
    assert (row["p_equivalence"] <= 0.025) == (row["ci_high"] < 0.2 and row["ci_low"] > -0.2)
    assert half > 0
    assert found.query("metric != 'kendall-tau'")["margin"].isna().all()


def test_no_common_seed_and_nothing_defined_are_said(tmp_path):
    paths = [write_run(tmp_path, spec(1)), write_run(tmp_path, spec(2, encoder="cnn"))]
    rows = computed(tmp_path, paths).query("axis == 'encoder'")
    assert set(rows["missing_reason"]) == {"the two have no seed in common"}
    assert rows["n_seeds"].max() == 0
    third = write_run(tmp_path, spec(1, encoder="cnn"))
    frame, schema = pd.read_parquet(third), pq.read_schema(third)
    empty = frame.assign(value=np.where(frame["metric"] == "kendall-tau", np.nan, frame["value"]))
    pq.write_table(pa.Table.from_pandas(empty, schema, preserve_index=False), third)
    row = one(computed(tmp_path, [paths[0], third]), "axis == 'encoder'", *TAU)
    assert row["missing_reason"] == "undefined on either side for every example"
    assert (row["n_undefined"], row["n_examples"]) == (40, 0)


def test_runs_of_other_examples_are_refused(tmp_path):
    paths = [write_run(tmp_path, spec(1)), write_run(tmp_path, spec(1, encoder="cnn"), n=30)]
    with pytest.raises(ResultError, match="different test examples"):
        computed(tmp_path, paths)


def test_the_tables_adjust_over_the_study_and_say_what_follows(study, tmp_path):
    _, folder, paths = study
    computed(folder, paths, margins={"kendall-tau": 0.5})
    late = {"missing": [], "methods": [*METHODS], "between": []}
    found = {}
    for name, family in (("all", None), ("tau", ["kendall-tau"])):
        tables.run(
            settings={**SETTINGS, **USED, **late, "family": family},
            statistics=[],
            comparisons=[folder / "comparisons.parquet"],
            runs=folder / "runs",
            run_ids=[path.stem for path in paths],
            output=tmp_path / name,
            provenance=PROVENANCE,
        )
        found[name] = pd.read_parquet(tmp_path / name / "comparisons.parquet")
        assert (tmp_path / name / "comparisons.csv").is_file()
    rows = found["all"]
    known = rows["p_value"].notna() & (rows["ci_kind"] != "examples-only")
    np.testing.assert_allclose(rows.loc[known, "p_adjusted"], holm(rows.loc[known, "p_value"].tolist()))
    assert rows.loc[~known, ["p_adjusted", "p_fdr"]].isna().all().all()
    assert set(rows.loc[rows["ci_kind"] == "examples-only", "verdict"]) == {"cannot be told"}
    assert set(rows.loc[rows["ci_kind"] == "two-way", "verdict"]) <= {"different", "equivalent", "cannot be told"}
    family = found["tau"]
    assert family.loc[family["metric"] != "kendall-tau", "p_adjusted"].isna().all()
    assert len(family) == len(rows)
