"""Expected rows: the invented runs and statistics; published numbers as in the authors' repository."""

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from attnexplain.registry import facts
from attnexplain.stages import statistics, tables
from attnexplain.statistics.missing import missing_rows
from attnexplain.tables.statistics import CELL
from measured_runs import METHODS, PROVENANCE, SETTINGS, plugins, spec, write_run
from tiny import plugin

MISSING = [{**spec(seed, encoder="cnn")["slug"], "seed": seed, "missing_reason": "no source"} for seed in (1, 2)]


BY = facts("experiment", "permutation")["by"]
PERMUTATION = {"name": "permutation", "id": "permutation", "options": {"draws": 100}, "by": BY}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two seeds of one model with statistics, and the study's tables, with one model missing."""
    folder = tmp_path_factory.mktemp("study")
    measures = [write_run(folder, spec(seed)) for seed in (1, 2)]
    settings = {**SETTINGS, "metrics": plugins(), "methods": [*METHODS], "experiments": [PERMUTATION]}
    late = {"missing": MISSING, "between": [plugin("between", "imposed-attention")]}
    arguments = {"runs": folder / "runs", "provenance": PROVENANCE}
    statistics.run(settings=settings, measures=measures, output=folder / "sst.parquet", **arguments)
    tables.run(
        settings={**settings, **late},
        statistics=[folder / "sst.parquet"],
        run_ids=[path.stem for path in measures],
        output=folder / "tables",
        **arguments,
    )
    return folder


ADJUSTED = ["p_adjusted", "p_fdr", "p_equivalence_adjusted"]  # over the study, not the data set


def read(folder, name):
    return pd.read_parquet(folder / "tables" / f"{name}.parquet")


def test_statistics_hold_the_computed_rows_and_a_row_per_number_that_is_missing(folder):
    rows, computed = read(folder, "statistics"), pd.read_parquet(folder / "sst.parquet")
    missing = rows[rows["encoder"] == "cnn"]
    found = rows[rows["encoder"] == "bilstm"].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.drop(columns=ADJUSTED), computed.drop(columns=ADJUSTED))
    assert set(missing["missing_reason"]) == {"no source"}
    assert missing[["n_examples", "n_seeds"]].to_numpy().max() == 0
    found = missing[["metric", "method", "method_b"]].fillna("").to_numpy().tolist()
    assert found == [
        ["accuracy", "", ""],
        ["attention-entropy", "attention", ""],
        *(["evidence-auprc", method, ""] for method in METHODS),
        ["f1", "", ""],
        ["imposed-attention:jsd", "attention", ""],
        ["imposed-attention:tvd", "attention", ""],
        ["kendall-tau", "attention", "gradient"],
        ["kendall-tau", "attention", "leave-one-out"],
        ["kendall-tau", "gradient", "leave-one-out"],
        ["permutation:max_attention", "attention", ""],
        ["permutation:tvd_median", "attention", ""],
        ["roc-auc", "", ""],
    ]


def test_a_missing_cell_still_shows_the_published_number(folder):
    rows = read(folder, "statistics").query("encoder == 'cnn' and metric == 'accuracy'")
    assert rows["published_source"].tolist() == ["Jain & Wallace (2019), set B"]


def test_runs_list_what_was_trained_and_what_is_missing(folder):
    rows = read(folder, "runs")
    assert rows[["encoder", "seed"]].to_numpy().tolist() == [["bilstm", 1], ["bilstm", 2], ["cnn", 1], ["cnn", 2]]
    assert rows["run"].fillna("").tolist() == [spec(1)["run"], spec(2)["run"], "", ""]
    assert rows["missing_reason"].fillna("").tolist() == ["", "", "no source", "no source"]
    assert rows.loc[0, ["n_test", "vocabulary_size", "epochs", "best_epoch"]].tolist() == [40, 50, 8, 3]
    mean = rows["test_accuracy"].mean()
    accuracy = read(folder, "statistics").query("encoder == 'bilstm' and metric == 'accuracy'")["mean"]
    assert accuracy.item() == pytest.approx(mean)


def test_replication_compares_every_published_number_of_the_planned_models(folder):
    rows = read(folder, "replication")
    assert set(zip(rows["dataset"], rows["encoder"], rows["attention"], strict=True)) == {
        ("sst", "bilstm", "additive"),
        ("sst", "cnn", "additive"),
    }
    ours = rows[rows["ours"].notna()]
    np.testing.assert_allclose(ours["difference"], ours["ours"] - ours["published"])
    judged = ours[ours["inside"].notna()]
    within = (judged["ci_low"] <= judged["published"]) & (judged["published"] <= judged["ci_high"])
    assert judged["inside"].tolist() == within.tolist()
    assert ours["missing_reason"].isna().all()
    assert rows.loc[rows["ours"].isna(), "missing_reason"].eq("no source").all()
    assert {"A", "B"} == set(rows["result_set"])


def test_replication_takes_our_numbers_from_the_statistics(folder):
    query = "encoder == 'bilstm' and metric == 'kendall-tau' and `class` == '1' and method_b == 'gradient'"
    replicated, row = read(folder, "replication").query(query), read(folder, "statistics").query(query)
    row = row[row["method"] == "attention"].iloc[0]
    assert len(replicated) == 2
    for name, column in {"ours": "mean", "ci_low": "ci_low", "ci_high": "ci_high", "n_examples": "n_examples"}.items():
        assert (replicated[name] == row[column]).all()
    share = read(folder, "replication").query("metric == 'kendall-tau:significant-fraction' and encoder == 'bilstm'")
    share = share[(share["class"] == "1") & (share["method_b"] == "gradient")]
    assert (share["ours"] == row["significant_fraction"]).all()
    assert share["inside"].isna().all()


def test_deviations_name_what_differs_in_this_run_alone(folder):
    rows = read(folder, "replication").query("encoder == 'bilstm'").set_index("result_set")
    set_b = rows.loc["B", "deviations"].iloc[0]
    assert "vectors: published fastText (simple English, 300-d), ours none (random N(0, 0.25^2), 300-d)" in set_b
    assert "seeds: published 1, ours 2" in set_b
    assert "lengths kept: published 6 to any, ours all" in set_b
    assert "limits" not in set_b
    assert "checkpoint" not in set_b
    assert "checkpoint chosen on: published test, ours dev" in rows.loc["A", "deviations"].iloc[0]


def test_csv_holds_the_rows_of_the_parquet_file_and_nothing_where_null(folder):
    for name in ("statistics", "runs", "replication"):
        table, text = read(folder, name), pd.read_csv(folder / "tables" / f"{name}.csv", dtype={"class": str})
        assert list(text) == list(table)
        assert len(text) == len(table)
        for column in table.select_dtypes("number"):
            np.testing.assert_allclose(text[column].astype(float), table[column].astype(float), rtol=1e-5)
    lines = (folder / "tables" / "runs.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith(
        f"demo,{spec(1)['run']},sst,none,bilstm,additive,softmax,none,none,1,100,40,50,1234,8,3,"
    )
    assert lines[3] == "demo,,sst,none,cnn,additive,softmax,none,none,1,,,,,,,,,,,,,no source"


def replicated(folder, out, statistics_rows, **settings):
    keep = {"missing": [], "metrics": plugins(), "methods": [*METHODS], "experiments": [], "between": []}
    tables.run(
        settings={**SETTINGS, **keep, **settings},
        statistics=statistics_rows,
        runs=folder / "runs",
        run_ids=[spec(1)["run"]],
        output=out,
        provenance=PROVENANCE,
    )
    return pd.read_parquet(out / "replication.parquet")


def test_replication_says_why_ours_is_absent(folder, tmp_path):
    table = pq.read_table(folder / "sst.parquet")
    without_loo = table.filter(pc.fill_null(pc.not_equal(table["method_b"], "leave-one-out"), True))
    pq.write_table(without_loo.filter(pc.not_equal(without_loo["metric"], "f1")), tmp_path / "sst.parquet")
    rows = replicated(folder, tmp_path / "tables", [tmp_path / "sst.parquet"]).set_index("metric")
    assert set(rows.loc["f1", "missing_reason"]) == {"f1 is not computed in the study"}
    tau = rows.loc["kendall-tau"]
    absent = set(tau.loc[tau["method_b"] == "leave-one-out", "missing_reason"])
    assert absent == {"the study does not compare attention and leave-one-out"}
    assert tau.loc[tau["method_b"] == "gradient", "missing_reason"].isna().all()


def test_a_study_of_controls_alone_has_nothing_to_compare(folder, tmp_path):
    planned = [{**MISSING[0], "control": "untrained"}]
    rows = replicated(folder, tmp_path, [], missing=planned)
    assert rows["ours"].isna().all()
    assert rows["missing_reason"].str.startswith("no run of this model with softmax").all()


def test_cells_with_other_seeds_present_are_not_called_missing(folder, tmp_path):
    planned = [{**spec(3)["slug"], "seed": 3, "missing_reason": "failed"}]
    replicated(folder, tmp_path, [folder / "sst.parquet"], missing=planned)
    assert "failed" not in set(pd.read_parquet(tmp_path / "statistics.parquet")["missing_reason"])
    assert "failed" in set(pd.read_parquet(tmp_path / "runs.parquet")["missing_reason"])
    assert set(CELL) <= set(pd.read_parquet(tmp_path / "runs.parquet"))


def test_an_experiment_that_reads_attributions_is_missing_once_per_method_that_it_reads():
    removal = plugin("experiment", "token-removal", methods=["attention", "random-abc123"])
    found = missing_rows(MISSING[:1], [], [*METHODS], [removal], [], present=set())
    rows = [(row["metric"], row["method"]) for row in found if ":" in row["metric"]]
    columns = ("flip_first", "fraction", "never")
    assert rows == [(f"token-removal:{name}", method) for name in columns for method in removal["options"]["methods"]]
