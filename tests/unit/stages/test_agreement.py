"""The stage on invented runs: means and taus against plain pandas and scipy on the files themselves."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from attnexplain.errors import ResultError
from attnexplain.stages import agreement, tables
from attnexplain.statistics.multiplicity import with_adjusted_agreement
from attnexplain.tables.agreement import SCHEMA
from measured_runs import METHODS, PROVENANCE, SETTINGS, plugins, spec, write_run

ENCODERS = ("average", "bilstm", "cnn", "lstm")
PERMUTATION = {"name": "permutation", "id": "permutation", "options": {"draws": 100}}


def stage_settings(**changes):
    return {**SETTINGS, "metrics": plugins(), "experiments": [PERMUTATION], **changes}


def computed(folder, paths, **changes):
    output = folder / "agreement" / "sst.parquet"
    settings = stage_settings(**changes)
    agreement.run(settings=settings, measures=paths, runs=folder / "runs", output=output, provenance=PROVENANCE)
    return pd.read_parquet(output)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Four models of two seeds and a control; its table, its measures, its folder and paths."""
    folder = tmp_path_factory.mktemp("study")
    specs = [spec(seed + 10 * i, encoder=name) for i, name in enumerate(ENCODERS) for seed in (1, 2)]
    specs.append(spec(7, encoder="cnn", control="untrained"))
    paths = [write_run(folder, one) for one in specs]
    parts = [
        pd.read_parquet(path).assign(model=f"{one['slug']['encoder']}.additive.none", control=one["slug"]["control"])
        for one, path in zip(specs, paths, strict=True)
    ]
    return computed(folder, paths), pd.concat(parts, ignore_index=True), folder, paths


def means(measures, query):
    return measures.query(f"control == 'none' and {query}").groupby("model")["value"].mean()


def test_ranks_are_those_of_the_pooled_means(study):
    rows, measures, *_ = study
    own = rows.query("kind == 'rank' and ranked == 'models' and metric == 'evidence-auprc' and method == 'gradient'")
    expected = means(measures, "metric == 'evidence-auprc' and method == 'gradient'").sort_values(ascending=False)
    assert own["item"].tolist() == expected.index.tolist()
    np.testing.assert_allclose(own["mean"], expected)
    assert own["value"].tolist() == [1, 2, 3, 4]


def test_tau_between_metrics_is_scipys_of_the_means(study):
    rows, measures, *_ = study
    query = "kind == 'metrics' and ranked == 'models' and metric == 'evidence-auprc' and method == 'gradient'"
    row = rows.query(f"{query} and metric_other == 'kendall-tau' and method_b_other == 'leave-one-out'")
    row = row[row["method_other"] == "attention"].iloc[0]
    first = means(measures, "metric == 'evidence-auprc' and method == 'gradient'")
    second = means(measures, "metric == 'kendall-tau' and method == 'attention' and method_b == 'leave-one-out'")
    expected = stats.kendalltau(first, second)
    assert row["value"] == pytest.approx(expected.statistic) and row["p_value"] == pytest.approx(expected.pvalue)
    assert row["p_least"] == pytest.approx(1 / 12) and row["n_seeds"] == 2 and row["ci_kind"] == "crossed-bootstrap"
    assert row["ci_low"] <= row["value"] <= row["ci_high"]


def test_every_pair_of_directed_metrics_stands_once_and_controls_are_apart(study):
    rows, *_ = study
    # accuracy, f1, roc-auc; AUPRC of 3 methods; tau of 3 pairs; the distance of permutation. Entropy has no direction.
    assert rows.query("kind == 'stability' and ranked == 'models'")["metric"].nunique() == 6
    assert len(rows.query("kind == 'stability' and ranked == 'models'")) == 10
    assert len(rows.query("kind == 'metrics' and ranked == 'models'")) == 45
    assert set(rows.query("kind == 'metrics' and ranked == 'models and controls'")["n_ranked"]) == {5}
    names = set(rows.query("kind == 'rank' and ranked == 'models and controls'")["item"])
    assert "cnn.additive.none.untrained" in names and len(names) == 5
    assert "attention-entropy" not in set(rows["metric"]) and "permutation:max_attention" not in set(rows["metric"])
    assert "permutation:tvd_median" in set(rows["metric"])


def test_performance_ranks_by_the_mean_over_seeds_of_the_metric(study):
    rows, _, folder, paths = study
    own = rows.query("kind == 'rank' and ranked == 'models' and metric == 'accuracy'").set_index("item")["mean"]
    for encoder in ENCODERS:
        right = []
        for path in (
            path for path in paths if path.stem.startswith(f"sst.{encoder}.") and "untrained" not in path.stem
        ):
            test = pd.read_parquet(folder / "runs" / path.stem / "predictions.parquet").query("split == 'test'")
            right.append((test["target"] == test["label"]).mean())
        assert own[f"{encoder}.additive.none"] == pytest.approx(np.mean(right))


def test_the_order_of_the_runs_does_not_change_the_file(study):
    _, _, folder, paths = study
    before = (folder / "agreement" / "sst.parquet").read_bytes()
    computed(folder, paths[::-1])
    assert (folder / "agreement" / "sst.parquet").read_bytes() == before


def test_a_metric_missing_in_one_model_leaves_it_out_with_its_reason(study, tmp_path):
    _, _, folder, paths = study
    copies = []
    for path in paths:
        table = pq.read_table(path)
        if path.stem.startswith("sst.lstm."):
            kept = [name != "evidence-auprc" for name in table["metric"].to_pylist()]
            table = table.filter(pa.array(kept))
        copies.append(tmp_path / path.name)
        pq.write_table(table, copies[-1])
    output = tmp_path / "agreement.parquet"
    settings = stage_settings()
    agreement.run(settings=settings, measures=copies, runs=folder / "runs", output=output, provenance=PROVENANCE)
    rows = pd.read_parquet(output)
    own = rows.query(
        "kind == 'rank' and ranked == 'models' and metric == 'evidence-auprc' and item == 'lstm.additive.none'"
    )
    assert set(own["missing_reason"]) == {"no value under this metric"} and own["value"].isna().all()
    compared = rows.query("kind == 'metrics' and ranked == 'models' and metric == 'evidence-auprc'")
    assert set(compared["n_ranked"]) == {3} and compared["value"].notna().all()


def test_two_runs_of_one_seed_in_a_cell_are_refused(tmp_path):
    first = write_run(tmp_path, spec(1))
    second = write_run(tmp_path, {**spec(1), "run": "again"})
    with pytest.raises(ResultError, match="are one cell with one seed"):
        computed(tmp_path, [first, second])


def test_the_tables_of_a_study_hold_the_rows_of_every_data_set_and_one_per_missing_one(study, tmp_path):
    rows, _, folder, paths = study
    missing = [{**spec(1, dataset="imdb")["slug"], "seed": 1, "missing_reason": "no source"}]
    lists = {"missing": missing, "methods": [*METHODS], "between": []}
    tables.run(
        settings={**stage_settings(**lists)},
        statistics=[],
        agreement=[folder / "agreement" / "sst.parquet"],
        runs=folder / "runs",
        run_ids=[path.stem for path in paths],
        output=tmp_path,
        provenance=PROVENANCE,
    )
    written = pq.read_table(tmp_path / "agreement.parquet")
    late = ["p_adjusted", "p_fdr"]  # where the study is known as a whole
    kept = written.filter(pc.equal(written["dataset"], "sst")).drop_columns(late).to_pylist()
    computed = pq.read_table(folder / "agreement" / "sst.parquet").drop_columns(late)
    assert kept == computed.to_pylist() and len(kept) == len(rows)
    found = written.to_pandas()
    for ranked, family in found[found["p_value"].notna()].groupby("ranked"):
        for name, method in (("p_adjusted", "holm"), ("p_fdr", "fdr_bh")):
            expected = multipletests(family["p_value"], method=method)[1]
            np.testing.assert_allclose(family[name], expected, err_msg=str(ranked))
    assert found.loc[found["p_value"].isna(), late].isna().to_numpy().all()
    absent = found[found["dataset"] == "imdb"]
    assert absent["ranked"].tolist() == ["models", "methods"] and set(absent["missing_reason"]) == {"no source"}
    text = pd.read_csv(tmp_path / "agreement.csv")
    assert list(text) == SCHEMA.columns.names and len(text) == len(found)


def test_metrics_outside_of_the_studys_family_are_not_counted():
    pairs = [("tau", "auprc", 0.01), ("tau", "f1", 0.02), ("auprc", "tau", 0.03)]
    given = [{"ranked": "models", "metric": a, "metric_other": b, "p_value": p} for a, b, p in pairs]
    rows = with_adjusted_agreement(given, ["tau", "auprc"])
    assert [row["p_adjusted"] for row in rows] == [0.02, None, 0.03]


def test_trained_adversaries_are_not_ranked(study, tmp_path):
    *_, folder, paths = study
    adversary = spec(31, encoder="bilstm")
    adversary["slug"]["regulariser"], adversary["run"] = "adversarial-0a1b2c+tying", "adversary"
    rows = computed(folder, [*paths, write_run(folder, adversary)])
    assert not rows["item"].dropna().str.contains("adversarial").any()
    assert set(rows.query("kind == 'stability' and ranked == 'models'")["n_ranked"]) == {4}
