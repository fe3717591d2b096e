"""Reliabilities, disattenuated tau and ceilings in the table `statistics`, through their stages. Expected: pandas."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from attnexplain.registry import facts
from attnexplain.stages import retest, statistics
from attnexplain.statistics.ceilings import attainable
from attnexplain.statistics.disattenuation import disattenuated_tau
from attnexplain.statistics.missing import missing_rows
from attnexplain.tables import attributions
from attnexplain.tables import measures as measures_table
from attnexplain.tables.io import write_table
from measured_runs import METHODS, PROVENANCE, SETTINGS, metric, plugins, spec, write_run
from tiny import plugin

RETEST = plugin("between", "retest")
SEEDS = (1, 2, 3)
PAIRS = [("attention", "gradient"), ("attention", "leave-one-out"), ("gradient", "leave-one-out")]
N = 40


def write_annotators(folder):
    """Two annotators' values on half of the examples, one of them undefined on some."""
    rng = np.random.default_rng(7)
    rows = [
        {
            "example_id": f"test-{example}",
            "method": who,
            "metric": "evidence-auprc",
            "value": None if who == "annotator-1" and example % 5 == 0 else rng.random(),
            "n_tokens": 5,
        }
        for who in ("annotator-0", "annotator-1")
        for example in range(0, N, 2)
    ]
    path = folder / "annotators" / "sst.parquet"
    table = pa.Table.from_pylist(rows, measures_table.SCHEMA.columns)
    write_table(path, table, measures_table.SCHEMA, PROVENANCE)
    return path


def computed(folder, measures, between=(), settings=None, annotators=()):
    statistics.run(
        settings={**SETTINGS, "metrics": plugins(), "experiments": [], "between": [RETEST], **(settings or {})},
        measures=measures,
        between=between,
        annotators=annotators,
        runs=folder / "runs",
        output=folder / "statistics" / "sst.parquet",
        provenance=PROVENANCE,
    )
    return pd.read_parquet(folder / "statistics" / "sst.parquet")


def write_retest(folder, measures, plugins=(RETEST,)):
    paths = [
        folder / "runs" / path.stem / "attributions" / f"{method}.parquet" for path in measures for method in METHODS
    ]
    output = folder / "retest" / "sst.parquet"
    retest.run(plugins=list(plugins), attributions=paths, output=output, provenance=PROVENANCE)
    return output


def make_alike(measures):
    """Give the scores of each method a part that all seeds share, so that reliabilities are positive."""
    for seed, path in zip(SEEDS, measures, strict=True):
        for place, name in enumerate(METHODS):
            common, own = np.random.default_rng(place), np.random.default_rng([seed, place])
            file = path.parents[1] / "runs" / path.stem / "attributions" / f"{name}.parquet"
            table = pd.read_parquet(file)
            table["scores"] = [
                np.exp(common.normal(size=len(row)) + own.normal(size=len(row)) / 2) for row in table["scores"]
            ]
            rewritten = pa.Table.from_pandas(table, attributions.SCHEMA.columns, preserve_index=False)
            write_table(file, rewritten, attributions.SCHEMA, PROVENANCE)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Rows of three seeds of one model, whose methods are reliable, and the tables that they come from."""
    folder = tmp_path_factory.mktemp("study")
    measures = [write_run(folder, spec(seed), N) for seed in SEEDS]
    make_alike(measures)
    between, annotators = write_retest(folder, measures), write_annotators(folder)
    rows = computed(folder, measures, [between], annotators=[annotators])
    targets = pd.concat(
        pd.read_parquet(folder / "runs" / path.stem / "predictions.parquet")
        .query("split == 'test'")
        .assign(run=path.stem)
        for path in measures
    )
    table = pd.read_parquet(between).merge(targets[["run", "example_id", "target"]], on=["run", "example_id"])
    return rows, table.fillna({"method_b": ""}), targets, pd.read_parquet(annotators)


def one(rows, metric_id, method, method_b=None, name="all"):
    found = rows[(rows["metric"] == metric_id) & (rows["method"] == method) & (rows["class"] == name)]
    found = found[found["method_b"].isna() if method_b is None else found["method_b"] == method_b]
    assert len(found) == 1
    return found.iloc[0]


def mean(table, method, method_b="", name="all"):
    """Mean over examples and runs of the mean over the other runs."""
    chosen = table[(table["method"] == method) & (table["method_b"] == method_b)]
    chosen = chosen if name == "all" else chosen[chosen["target"] == int(name)]
    return chosen.groupby(["run", "example_id"])["value"].mean().mean()


@pytest.mark.parametrize("name", ["all", "0", "1"])
def test_agreement_across_seeds_has_a_row_per_method_and_pair(study, name):
    rows, table, *_ = study
    for method, method_b in [*((method, None) for method in METHODS), *PAIRS]:
        row = one(rows, "retest:kendall_tau", method, method_b, name)
        assert row["mean"] == pytest.approx(mean(table, method, method_b or "", name), rel=1e-12)
        assert (row["n_seeds"], row["ci_kind"], row["options"]) == (3, "jackknife-seeds", '{"sign":"absolute"}')
        assert row["n_undefined"] > 0 or name != "all"  # one example has one token
        assert -0.2 < row["null_low"] < 0 < row["null_high"] < 0.2


@pytest.mark.parametrize("name", ["all", "0", "1"])
@pytest.mark.parametrize("pair", PAIRS)
def test_the_ceiling_of_tau_is_the_root_of_both_reliabilities(study, pair, name):
    rows, table, *_ = study
    reliability = [mean(table, method, name=name) for method in pair]
    assert min(reliability) > 0.3
    for metric_id in ("kendall-tau", "retest:kendall_tau"):
        assert one(rows, metric_id, *pair, name)["ceiling"] == pytest.approx(np.sqrt(np.prod(reliability)), rel=1e-12)


@pytest.mark.parametrize("pair", PAIRS)
def test_disattenuated_tau_comes_from_the_means_of_three_rows(study, pair):
    rows, *_ = study
    row = one(rows, "kendall-tau:disattenuated", *pair)
    three = [one(rows, "retest:kendall_tau", *names)["mean"] for names in (pair, pair[:1], pair[1:])]
    assert row["mean"] == pytest.approx(disattenuated_tau(*three), rel=1e-12)
    assert row["ci_low"] < row["mean"] < row["ci_high"]
    assert (row["n_seeds"], row["n_examples"], row["ci_kind"]) == (3, N - 1, "jackknife-seeds")
    assert row["n_undefined"] == 3 and row["options"] == '{"sign":"absolute"}'
    assert set(rows.loc[rows["metric"] == "kendall-tau:disattenuated", "class"]) == {"all"}


@pytest.mark.parametrize("name", ["all", "0", "1"])
@pytest.mark.parametrize("method", METHODS)
def test_the_ceiling_of_plausibility_is_the_annotators_mean_over_the_class(study, name, method):
    rows, _, targets, annotators = study
    reached = annotators.groupby("example_id")["value"].mean().dropna()
    chosen = targets if name == "all" else targets[targets["target"] == int(name)]
    expected = chosen["example_id"].map(reached).mean()
    assert one(rows, "evidence-auprc", method, name=name)["ceiling"] == pytest.approx(expected, rel=1e-12)


def test_other_rows_have_no_ceiling(study):
    rows, *_ = study
    having = set(rows.loc[rows["ceiling"].notna(), "metric"])
    assert having == {"kendall-tau", "retest:kendall_tau", "evidence-auprc"}
    assert rows.loc[(rows["metric"] == "retest:kendall_tau") & rows["method_b"].isna(), "ceiling"].isna().all()


def test_reliabilities_of_other_scores_are_not_used(tmp_path):
    measures = [write_run(tmp_path, spec(seed), N) for seed in (1, 2)]
    signed = {**plugin("between", "retest", sign="signed"), "id": "retest-abc123"}
    rows = computed(tmp_path, measures, [write_retest(tmp_path, measures, [signed])], {"between": [signed]})
    assert rows.loc[rows["metric"] == "kendall-tau", "ceiling"].isna().all()
    assert not rows["metric"].str.endswith("disattenuated").any()
    both = [*plugins(), {**metric("kendall-tau", sign="signed"), "id": "kendall-tau-fed321"}]
    rows = computed(tmp_path, measures, [tmp_path / "retest" / "sst.parquet"], {"between": [signed], "metrics": both})
    assert "kendall-tau-fed321:disattenuated" in set(rows["metric"])


def test_scores_that_no_seed_shares_have_no_reliability_to_correct_by(tmp_path):
    measures = [write_run(tmp_path, spec(seed), N) for seed in (1, 2)]
    between = write_retest(tmp_path, measures)
    table = pd.read_parquet(between)
    chance = (table["method"] == "gradient") & table["method_b"].isna()
    table.loc[chance, "value"] = -table.loc[chance, "value"].abs()
    rewritten = pa.Table.from_pandas(table, retest.SCHEMA.columns, preserve_index=False)
    write_table(between, rewritten, retest.SCHEMA, PROVENANCE)
    rows = computed(tmp_path, measures, [between])
    row = one(rows, "kendall-tau:disattenuated", "attention", "gradient")
    assert (
        row["missing_reason"].startswith("gradient: no agreement across seeds")
        or "and gradient" in row["missing_reason"]
    )
    assert np.isnan(row["mean"]) and np.isnan(one(rows, "kendall-tau", "attention", "gradient")["ceiling"])


def test_one_seed_and_constant_scores_say_what_is_lacking(tmp_path):
    alone = write_run(tmp_path, spec(1), N)
    rows = computed(tmp_path, [alone])
    found = rows[rows["metric"].isin(["retest:kendall_tau", "kendall-tau:disattenuated"])]
    assert len(found) == 6 + 3 and set(found["missing_reason"]) == {"needs two seeds"}
    assert rows["ceiling"].isna().all()
    measures = [alone, write_run(tmp_path, spec(2), N)]
    between = write_retest(tmp_path, measures)
    table = pd.read_parquet(between)
    uniform = table["method"] == "attention"
    table.loc[uniform, ["value", "undefined_reason"]] = [None, "constant scores"]
    rewritten = pa.Table.from_pandas(table, retest.SCHEMA.columns, preserve_index=False)
    write_table(between, rewritten, retest.SCHEMA, PROVENANCE)
    rows = computed(tmp_path, measures, [between])
    reason = "undefined for every example; most often: constant scores"
    assert one(rows, "retest:kendall_tau", "attention")["missing_reason"] == reason
    assert one(rows, "kendall-tau:disattenuated", "attention", "gradient")["missing_reason"] == reason


def test_a_missing_cell_has_a_row_for_each(tmp_path):
    slug = spec(1)["slug"]
    found = missing_rows(
        [{**slug, "seed": 1, "missing_reason": "absent"}], plugins(), ["b", "a"], [], [RETEST], present=set()
    )
    named = [(row["metric"], row["method"], row["method_b"]) for row in found if ":" in row["metric"]]
    expected = [("retest:kendall_tau", *pair) for pair in [("a", None), ("b", None), ("a", "b")]]
    assert sorted(named, key=str) == sorted([*expected, ("kendall-tau:disattenuated", "a", "b")], key=str)


def test_a_missing_cell_has_a_row_for_each_column_of_a_metric(tmp_path):
    slug, by_class = spec(1)["slug"], metric("attention-by-word-class", words="film")
    missing = [{**slug, "seed": 1, "missing_reason": "absent"}]
    found = [*missing_rows(missing, [by_class], ["attention", "gradient"], [], [], present=set())]
    named = {(row["metric"], row["method"]) for row in found if row["method"]}
    assert named == {(f"{by_class['id']}:{name}", "attention") for name in facts("metric", by_class["name"])["columns"]}


@pytest.mark.parametrize(
    ("pair", "expected"),
    [((0.25, 0.81), 0.45), ((0.0, 0.5), 0.0), ((-0.1, 0.5), None), ((-0.1, -0.5), None), ((None, 0.5), None)],
)
def test_a_negative_or_unknown_reliability_gives_no_ceiling(pair, expected):
    assert attainable(*pair) == (None if expected is None else pytest.approx(expected))
