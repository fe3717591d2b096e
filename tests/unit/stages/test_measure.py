"""Expected rows: scipy and plain pandas on the files that the stage reads."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import kendalltau

from attnexplain.errors import ResultError
from attnexplain.stages import measure
from attnexplain.tables import experiments, tokens
from attnexplain.tables.io import write_table
from measured_runs import (
    METHODS,
    PROVENANCE,
    metric,
    spec,
    write_attribution,
    write_experiment,
    write_run,
    write_tokens,
)


def measured(folder, metrics=(), attributions=(), experiment_files=()):
    measure.run(
        metrics=list(metrics),
        tokens=folder / "test.parquet",
        attributions=list(attributions),
        experiments=list(experiment_files),
        output=folder / "measures.parquet",
        provenance=PROVENANCE,
    )
    return pd.read_parquet(folder / "measures.parquet")


@pytest.fixture
def folder(tmp_path):
    """Tokens of 12 examples and two attribution files."""
    lengths = write_tokens(tmp_path / "test.parquet", 12)
    for seed, method in enumerate(("gradient", "attention")):
        write_attribution(tmp_path / f"{method}.parquet", lengths, seed)
    return tmp_path


def files(folder):
    return [folder / "gradient.parquet", folder / "attention.parquet"]


def test_a_run_has_every_pair_every_method_and_every_experiment_column(tmp_path):
    rows = pd.read_parquet(write_run(tmp_path, spec(1)))
    found = rows[["metric", "method", "method_b"]].drop_duplicates().fillna("").to_numpy().tolist()
    assert found == [
        ["attention-entropy", "attention", ""],
        *(["evidence-auprc", method, ""] for method in METHODS),
        ["kendall-tau", "attention", "gradient"],
        ["kendall-tau", "attention", "leave-one-out"],
        ["kendall-tau", "gradient", "leave-one-out"],
        ["permutation:tvd_median", "attention", ""],
        ["permutation:max_attention", "attention", ""],
    ]
    assert len(rows) == 9 * 40
    assert rows["undefined_reason"].notna().equals(rows["value"].isna())
    assert not rows["metric"].eq("kendall-tau").isna().any()


def test_tau_equals_scipy_example_by_example_whatever_the_order_of_rows(folder):
    lengths = pd.read_parquet(folder / "test.parquet")["tokens"].str.len().tolist()
    write_attribution(folder / "gradient.parquet", lengths, 5, order=list(range(11, -1, -1)))
    rows = measured(folder, [metric("kendall-tau")], files(folder)).set_index("example_id")
    scores = [pd.read_parquet(path).set_index("example_id")["scores"] for path in files(folder)]
    for example in rows.index[1:]:
        expected = kendalltau(scores[0][example], scores[1][example])
        assert rows["value"][example] == pytest.approx(expected.statistic, abs=1e-12, nan_ok=True)
        assert rows["p_value"][example] == pytest.approx(expected.pvalue, rel=1e-10, nan_ok=True)
    assert rows["undefined_reason"].iloc[0] == "one token"
    assert rows["n_tokens"].tolist() == lengths


def test_data_without_evidence_says_so(folder):
    write_tokens(folder / "test.parquet", 12, evidence=False)
    rows = measured(folder, [metric("evidence-auprc")], files(folder))
    assert set(rows["undefined_reason"]) == {"data has no evidence"}


def test_metric_column_holds_the_id_of_the_variant(folder):
    rows = measured(folder, [metric("precision-at-k", k=2), metric("precision-at-k")], files(folder))
    assert rows["metric"].unique().tolist() == ["precision-at-k", "precision-at-k-abc123"]


def test_attention_metrics_need_the_method_attention(folder):
    assert measured(folder, [metric("max-attention")], files(folder)[:1]).empty


def test_experiment_columns_of_numbers_and_truth_values_become_measures(folder):
    ids = [f"test-{i}" for i in range(12)]
    columns = {"example_id": ids, "jsd_max": np.r_[np.nan, np.arange(11) / 10], "is_exact": [True, False] * 6}
    write_experiment(folder / "adversary.parquet", {**columns, "note": ["x"] * 12, "count": list(range(12))})
    rows = measured(folder, experiment_files=[folder / "adversary.parquet"])
    assert rows["metric"].unique().tolist() == ["adversary:jsd_max", "adversary:is_exact", "adversary:count"]
    assert set(rows["method"]) == {"attention"}
    jsd = rows[rows["metric"] == "adversary:jsd_max"]
    assert jsd["undefined_reason"].fillna("").tolist() == ["undefined by the experiment", *[""] * 11]
    assert jsd["value"].tolist()[1:] == pytest.approx(np.arange(11) / 10)
    assert rows.loc[rows["metric"] == "adversary:is_exact", "value"].tolist() == [1.0, 0.0] * 6


def test_an_experiment_with_a_row_per_method_gives_measures_of_each(folder):
    ids = [f"test-{i}" for i in range(12)]
    rows = [(example, method) for example in ids for method in ("random", "gradient")]
    fraction = [np.nan if example == "test-3" else len(method) + int(example[5:]) / 100 for example, method in rows]
    columns = {"example_id": [row[0] for row in rows], "method": [row[1] for row in rows], "fraction": fraction}
    write_experiment(folder / "token-removal.parquet", columns)
    found = measured(folder, experiment_files=[folder / "token-removal.parquet"])
    assert found["metric"].unique().tolist() == ["token-removal:fraction"]
    assert found["method"].tolist() == ["gradient"] * 12 + ["random"] * 12 and found["method_b"].isna().all()
    assert found["example_id"].tolist() == ids * 2
    expected = [np.nan if i == 3 else length + i / 100 for length in (8, 6) for i in range(12)]
    np.testing.assert_allclose(found["value"], expected)
    assert found.loc[found["value"].isna(), "undefined_reason"].tolist() == ["undefined by the experiment"] * 2


def test_draws_of_an_example_are_averaged(folder):
    ids = [f"test-{i}" for i in range(12)] * 2
    values = [float(i) for i in range(12)] + [float(i) + 1 for i in range(12)]
    write_experiment(folder / "noise.parquet", {"example_id": ids, "draw": [0] * 12 + [1] * 12, "tvd": values})
    rows = measured(folder, experiment_files=[folder / "noise.parquet"])
    assert rows["metric"].unique().tolist() == ["noise:tvd"]
    assert rows["value"].tolist() == [i + 0.5 for i in range(12)]


def test_other_examples_are_refused_by_name(folder):
    lengths = write_tokens(folder / "test.parquet", 13)
    with pytest.raises(ResultError, match=r"attention\.parquet lacks example 'test-12' of .*test\.parquet"):
        measured(folder, [metric("kendall-tau")], files(folder))
    write_attribution(folder / "attention.parquet", [*lengths, 3], 0)
    with pytest.raises(ResultError, match=r"attention\.parquet has example 'test-13' that .*test\.parquet lacks"):
        measured(folder, [metric("max-attention")], files(folder)[1:])


def test_another_number_of_tokens_is_refused_by_name(folder):
    lengths = pd.read_parquet(folder / "test.parquet")["tokens"].str.len().tolist()
    write_attribution(folder / "gradient.parquet", [*lengths[:-1], lengths[-1] + 1], 0)
    with pytest.raises(ResultError, match=r"gradient\.parquet: example 'test-11' has \d+ scores for \d+ tokens"):
        measured(folder, [metric("kendall-tau")], files(folder))


def test_a_file_of_another_table_is_refused(folder):
    columns = {"example_id": ["a"], "prediction": [0]}
    write_table(folder / "gradient.parquet", pa.table(columns), experiments.SCHEMA, PROVENANCE)
    with pytest.raises(ResultError, match="expected table 'attributions'"):
        measured(folder, [metric("kendall-tau")], files(folder))


def test_order_of_the_arguments_does_not_change_the_file(folder):
    metrics = [metric("kendall-tau"), metric("evidence-auprc")]
    measured(folder, metrics, files(folder))
    first = (folder / "measures.parquet").read_bytes()
    measured(folder, metrics[::-1], files(folder)[::-1])
    assert (folder / "measures.parquet").read_bytes() == first


def test_of_pairs_the_attended_text_alone_is_measured(folder):
    plain = measured(folder, [metric("kendall-tau"), metric("evidence-auprc")], files(folder))
    rows = pq.read_table(folder / "test.parquet").to_pylist()
    for number, row in enumerate(rows):
        if number != 3:  # one question is empty
            second = {"tokens": ["q"], "token_ids": [9], "start": [0], "end": [1], "segment": [1], "evidence": [1.0]}
            row |= {name: row[name] + second[name] for name in second}
    write_table(folder / "test.parquet", pa.Table.from_pylist(rows, tokens.SCHEMA.columns), tokens.SCHEMA, PROVENANCE)
    pd.testing.assert_frame_equal(
        measured(folder, [metric("kendall-tau"), metric("evidence-auprc")], files(folder)), plain
    )


def test_a_metric_of_words_reads_those_of_each_example(folder):
    table = pq.read_table(folder / "test.parquet")
    said = [["the", *words[1:]] for words in table["tokens"].to_pylist()]
    place = table.column_names.index("tokens")
    table = table.set_column(place, "tokens", pa.array(said, pa.list_(pa.string())))
    write_table(folder / "test.parquet", table.replace_schema_metadata(None), tokens.SCHEMA, PROVENANCE)
    found = measured(folder, [metric("attention-by-word-class")], files(folder))
    weights = pd.read_parquet(folder / "attention.parquet")["scores"]
    rows = found[found["metric"] == "attention-by-word-class:mass_determiner"]
    np.testing.assert_allclose(rows["value"], [row[0] for row in weights], atol=1e-7)
    np.testing.assert_allclose(rows["null_mean"], [1 / len(row) for row in weights])
    assert set(found["method"]) == {"attention"} and found["method_b"].isna().all()
    assert measured(folder, [metric("attention-by-word-class")], files(folder)[:1]).empty
