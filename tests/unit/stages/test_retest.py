"""The stage of attributions between runs. Expected numbers: `scipy.stats.kendalltau` on the tables, row by row."""

import hmac
import json
from itertools import permutations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import kendalltau

from attnexplain.errors import ResultError
from attnexplain.stages.retest import run
from attnexplain.tables import attributions
from attnexplain.tables.between import SCHEMA
from attnexplain.tables.io import read_metadata, read_table, write_table
from measured_runs import PROVENANCE, spec, write_attribution
from tiny import plugin

METHODS = ("gradient", "attention")  # not their order in the table
LENGTHS = [5, 1, 9, 2, 7, 3, 12, 4]
RETEST = plugin("between", "retest")
PAIRS = [("attention", None), ("gradient", None), ("attention", "gradient")]


def write_cell(folder, seeds=(3, 1, 2), methods=METHODS, **about):
    """Attributions of the runs of one cell, the second run's rows in another order."""
    paths = []
    for place, seed in enumerate(seeds):
        described = {**spec(seed, **{key: about[key] for key in about if key == "encoder"}), **about}
        folder_of_run = folder / "runs" / described["run"]
        folder_of_run.mkdir(parents=True)
        (folder_of_run / "spec.json").write_text(json.dumps(described), encoding="utf-8")
        order = list(reversed(range(len(LENGTHS)))) if place == 1 else None
        for number, method in enumerate(methods):
            path = folder_of_run / "attributions" / f"{method}.parquet"
            write_attribution(path, LENGTHS, 10 * seed + number, order)
            paths.append(path)
    return paths


def compared(folder, paths, plugins=(RETEST,), **options):
    output = folder / "retest" / "sst.parquet"
    run(plugins=list(plugins), attributions=paths, output=output, provenance=PROVENANCE, **options)
    return read_table(output, SCHEMA)


def scores(folder, run_id, method):
    path = folder / "runs" / run_id / "attributions" / f"{method}.parquet"
    return pd.read_parquet(path).set_index("example_id")["scores"]


def change(path, example_id, **columns):
    """Other values for one example of a table."""
    rows = read_table(path, attributions.SCHEMA).to_pylist()
    for row in rows:
        row |= columns if row["example_id"] == example_id else {}
    write_table(path, pa.Table.from_pylist(rows, attributions.SCHEMA.columns), attributions.SCHEMA, PROVENANCE)


def test_every_methods_and_ordered_pair_of_runs_equal_scipy(tmp_path):
    rows = compared(tmp_path, write_cell(tmp_path) + write_cell(tmp_path, (1, 2), encoder="cnn"))
    table = rows.to_pandas()
    assert len(table) == len(LENGTHS) * len(PAIRS) * (6 + 2)
    assert not table.duplicated(["example_id", "run", "run_b", "method", "method_b", "metric"]).any()
    assert set(table["metric"]) == {"retest:kendall_tau"}
    for row in rows.to_pylist():
        a = scores(tmp_path, row["run"], row["method"])[row["example_id"]]
        b = scores(tmp_path, row["run_b"], row["method_b"] or row["method"])[row["example_id"]]
        with np.errstate(all="ignore"):
            expected = kendalltau(a, b).statistic if len(a) > 1 else np.nan
        value = np.nan if row["value"] is None else row["value"]
        assert value == pytest.approx(expected, abs=1e-12, nan_ok=True)
        assert row["n_tokens"] == len(a)
        assert (row["undefined_reason"] is None) == (row["value"] is not None)
    assert set(table.loc[table["n_tokens"] == 1, "undefined_reason"]) == {"one token"}


def test_rows_follow_methods_runs_by_seed_and_examples(tmp_path):
    table = compared(tmp_path, write_cell(tmp_path)).to_pandas()
    columns = ["method", "method_b", "run", "run_b"]
    found = table[columns].drop_duplicates().replace({np.nan: None}).to_numpy().tolist()
    names = [spec(seed)["run"] for seed in (1, 2, 3)]
    assert found == [[*pair, *runs] for pair in PAIRS for runs in map(list, permutations(names, 2))]
    assert table["example_id"].tolist() == table["example_id"][: len(LENGTHS)].tolist() * (len(table) // len(LENGTHS))


def test_the_tables_order_of_examples_does_not_matter(tmp_path):
    first = compared(tmp_path / "a", write_cell(tmp_path / "a")).to_pandas()
    paths = write_cell(tmp_path / "b")
    for path in paths:
        table = read_table(path, attributions.SCHEMA)
        write_table(path, table.sort_by("example_id"), attributions.SCHEMA, PROVENANCE)
    keys = ["metric", "method", "method_b", "run", "run_b", "example_id"]
    second = compared(tmp_path / "b", paths).to_pandas()
    pd.testing.assert_frame_equal(*(one.sort_values(keys, ignore_index=True) for one in (first, second)))


def test_signed_scores_are_compared_where_asked(tmp_path):
    paths = write_cell(tmp_path, (1, 2), ("gradient",))
    for path, values in zip(paths, ([-3.0, 1.0, 2.0], [3.0, -1.0, 2.0]), strict=True):
        change(path, "test-5", scores=values)
    signed = {**plugin("between", "retest", sign="signed"), "id": "retest-abc123"}
    rows = compared(tmp_path, paths, [RETEST, signed]).to_pandas().query("example_id == 'test-5'").set_index("metric")
    assert rows.loc["retest:kendall_tau", "value"].tolist() == [1.0, 1.0]
    expected = kendalltau([-3, 1, 2], [3, -1, 2]).statistic
    assert rows.loc["retest-abc123:kendall_tau", "value"].tolist() == [expected, expected]


def test_constant_scores_and_other_tokens_are_undefined_and_say_why(tmp_path):
    paths = write_cell(tmp_path, (1, 2), ("attention",))
    change(paths[0], "test-0", scores=[0.2] * 5)
    lists = {"tokens": ["w"] * 3, "segment": [0] * 3, "start": [0] * 3, "end": [0] * 3, "scores": [0.1, 0.2, 0.7]}
    change(paths[1], "test-2", **lists)
    rows = compared(tmp_path, paths).to_pandas().set_index("example_id")
    assert set(rows.loc["test-0", "undefined_reason"]) == {"constant scores"}
    assert set(rows.loc["test-2", "undefined_reason"]) == {"other tokens"}
    assert rows.loc[["test-0", "test-2"], "value"].isna().all()
    others = rows.drop(["test-0", "test-1", "test-2", "test-3"])  # one token, and two that are tied
    assert others["value"].notna().all() and others["undefined_reason"].isna().all()


def test_a_run_alone_in_its_cell_has_no_rows(tmp_path):
    assert len(compared(tmp_path, write_cell(tmp_path, (1,)))) == 0


def test_attributions_of_other_examples_are_refused(tmp_path):
    paths = write_cell(tmp_path)
    table = read_table(paths[2], attributions.SCHEMA)
    write_table(paths[2], table.slice(1), attributions.SCHEMA, PROVENANCE)
    with pytest.raises(ResultError, match=r"gradient\.parquet is not of the test examples .* such as 'test-\d'"):
        compared(tmp_path, paths)
    other = table.to_pandas().replace({"example_id": {"test-3": "elsewhere"}})
    write_table(paths[2], pa.Table.from_pandas(other, preserve_index=False), attributions.SCHEMA, PROVENANCE)
    with pytest.raises(ResultError, match=r"rebuild it"):
        compared(tmp_path, paths)


def test_examples_of_credentialed_data_have_pseudonyms_and_errors_name_none(tmp_path):
    paths = write_cell(tmp_path, access="credentialed")
    table = compared(tmp_path, paths, key=tmp_path / "key")
    key = (tmp_path / "key").read_bytes()
    hidden = {hmac.digest(key, f"test-{number}".encode(), "sha256").hex()[:16] for number in range(len(LENGTHS))}
    assert set(table["example_id"].to_pylist()) == hidden
    assert read_metadata(table.schema)["example_ids"] == "pseudonymous"
    open_table = compared(tmp_path, paths, key=tmp_path / "other", disclose=True)
    assert set(open_table["example_id"].to_pylist()) == {f"test-{number}" for number in range(len(LENGTHS))}
    assert not (tmp_path / "other").exists() and "example_ids" not in read_metadata(open_table.schema)
    write_table(paths[2], read_table(paths[2], attributions.SCHEMA).slice(1), attributions.SCHEMA, PROVENANCE)
    with pytest.raises(ResultError) as caught:
        compared(tmp_path, paths, key=tmp_path / "key")
    assert "such as" not in str(caught.value)
