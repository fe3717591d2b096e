"""The command on studies whose tables the stages wrote, from invented runs: of the same seeds, of others, changed."""

import json
import shutil

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attnexplain.cli import CHANGED, main
from attnexplain.errors import ResultError
from attnexplain.registry import facts
from attnexplain.stages import statistics, tables
from attnexplain.stages.compare import compared
from attnexplain.stages.result_set import read_result_set
from attnexplain.tables import statistics as statistics_table
from attnexplain.tables.io import METADATA_KEY, read_metadata
from measured_runs import METHODS, PROVENANCE, SETTINGS, plugins, spec, write_run

BY = facts("experiment", "permutation")["by"]
PERMUTATION = {"name": "permutation", "id": "permutation", "options": {"draws": 100}, "by": BY}


def write_study(root, name="demo", seeds=(1, 2)):
    """A finished study under `root`/results; returns its folder."""
    found = root / "results" / "studies" / name
    runs = root / "results" / "runs"
    measures = [write_run(found, spec(seed)) for seed in seeds]
    (found / "runs").rename(runs)
    for run in runs.iterdir():
        about = {"device": "cpu", "versions": {"python": "3.11.7", "torch": "2.13.0"}, "seconds": 3.0}
        (run / "performance.json").write_text(json.dumps(about), encoding="utf-8")
    make_tables(found, [path.stem for path in measures])
    return found


def make_tables(study, ids):
    """Statistics and tables from the measures that are there."""
    settings = {**SETTINGS, "metrics": plugins(), "methods": [*METHODS], "experiments": [PERMUTATION]}
    common = {"runs": study.parents[1] / "runs", "provenance": PROVENANCE}
    one, measures = study / "statistics" / "sst.parquet", [study / "measures" / f"{run}.parquet" for run in ids]
    statistics.run(settings=settings, measures=measures, output=one, **common)
    tables.run(settings={**settings, "missing": []}, statistics=[one], run_ids=ids, output=study / "tables", **common)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("first"))


@pytest.fixture
def copy(study, tmp_path):
    """The study in another checkout."""
    return shutil.copytree(study.parents[1], tmp_path / "results") / "studies" / study.name


def compare(a, b):
    return compared(read_result_set(a), read_result_set(b))


def statuses(found):
    return set(found.rows["status"])


def shifted(path, by, **of):
    """Add to the values of some rows of a table of measures."""
    table = pq.read_table(path)
    rows = table.to_pandas()
    chosen = (rows[list(of)] == pd.Series(of)).all(axis=1)
    rows.loc[chosen, "value"] += by
    pq.write_table(pa.Table.from_pandas(rows, table.schema, preserve_index=False), path)


def test_the_same_study_elsewhere_has_not_changed(study, copy, capsys):
    assert main(["compare", str(study), str(copy)]) == 0
    said = capsys.readouterr().out
    n = len(pd.read_parquet(study / "tables" / "statistics.parquet"))
    assert f"| equal to the last bit | {n} |" in said
    assert "No difference is known in code, versions or devices." in said


def test_a_planted_change_is_found_by_the_pairs_and_nothing_else_is(study, copy, capsys):
    for place, path in enumerate(sorted((copy / "measures").glob("*.parquet"))):
        shifted(path, 0.02 + 0.001 * place, metric="kendall-tau", method="attention", method_b="gradient")
    make_tables(copy, [path.stem for path in (copy / "measures").glob("*.parquet")])
    found = compare(study, copy)
    changed = found.rows[found.rows["status"] == "changed"]
    assert set(zip(changed["metric"], changed["method"], changed["method_b"], strict=True)) == {
        ("kendall-tau", "attention", "gradient")
    }
    assert changed.loc[changed["class"] == "all", "difference"].item() == pytest.approx(0.0205)
    assert set(changed["basis"]) == {"paired"}
    assert statuses(found) == {"changed", "same"}
    assert main(["compare", str(study), str(copy)]) == CHANGED == 3
    assert "## Changed beyond noise" in capsys.readouterr().out


def test_tables_alone_cannot_show_it(study, copy, tmp_path):
    for path in sorted((copy / "measures").glob("*.parquet")):
        shifted(path, 0.02, metric="kendall-tau", method="attention", method_b="gradient")
    make_tables(copy, [path.stem for path in (copy / "measures").glob("*.parquet")])
    files = [shutil.copy(one / "tables" / "statistics.parquet", tmp_path / f"{one.parts[-4]}-{i}.parquet")
             for i, one in enumerate((study, copy))]  # fmt: skip
    found = compare(*files)
    assert statuses(found) == {"noise", "same"}
    assert set(found.rows["basis"].dropna()) == {"independent"}


def test_accuracy_is_compared_by_the_predictions(study, copy):
    path = next((copy.parents[1] / "runs").glob("*.s2*/predictions.parquet"))
    rows = pq.read_table(path).to_pandas()
    one = rows.index[rows["split"] == "test"][0]
    rows.at[one, "probability"] = rows.at[one, "probability"][::-1]
    pq.write_table(pa.Table.from_pandas(rows, pq.read_schema(path), preserve_index=False), path)
    make_tables(copy, [path.stem for path in (copy / "measures").glob("*.parquet")])
    found = compare(study, copy).rows
    accuracy = found[found["metric"] == "accuracy"].iloc[0]
    assert abs(accuracy["difference"]) == pytest.approx(1 / 80)
    assert (accuracy["basis"], accuracy["status"], accuracy["n_examples"]) == ("paired", "noise", 40)


def test_other_seeds_are_within_noise(study, tmp_path):
    other = write_study(tmp_path, seeds=(3, 4))
    found = compare(study, other)
    judged = found.rows[found.rows["p_value"].notna()]
    assert len(judged) > 20 and set(judged["basis"]) == {"independent"}
    assert not found.has_changed and "changed" not in statuses(found)


def test_versions_devices_and_code_that_differ_are_named(study, copy, capsys):
    for run in (copy.parents[1] / "runs").iterdir():
        about = {"device": "cuda: H100", "versions": {"python": "3.11.7", "torch": "2.14.0"}}
        (run / "performance.json").write_text(json.dumps(about), encoding="utf-8")
    path = copy / "tables" / "statistics.parquet"
    table = pq.read_table(path)
    about = {**read_metadata(table.schema), "code": "f" * 12, "schema_version": 99}
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: json.dumps(about)}), path)
    assert main(["compare", str(study), str(copy)]) == 0
    said = capsys.readouterr().out
    assert "| training: device | cpu | cuda: H100 |" in said
    assert "| training: torch | 2.13.0 | 2.14.0 |" in said
    assert f"| tables: code | {'0' * 10} | {'f' * 12} |" in said
    assert f"| tables: schema version | {statistics_table.SCHEMA.version} | 99 |" in said
    assert "python" not in said


def test_options_of_runs_that_differ_are_named(study, copy):
    runs = copy.parents[1] / "runs"
    table = pq.read_table(copy / "tables" / "runs.parquet")
    ids = table["run"].to_pylist()
    for run in ids:
        about = json.loads((runs / run / "spec.json").read_text())
        about["training"]["embedding_size"] = 100
        (runs / run).rename(runs / f"{run}-new")
        (runs / f"{run}-new" / "spec.json").write_text(json.dumps({**about, "run": f"{run}-new"}))
    renamed = table.set_column(table.column_names.index("run"), table.schema.field("run"), [[f"{r}-new" for r in ids]])
    pq.write_table(renamed, copy / "tables" / "runs.parquet")
    assert compare(study, copy).specifications == {("training.embedding_size", "300", "100"): 2}


def test_new_columns_and_rows_of_another_version_are_no_change(study, copy):
    path = copy / "tables" / "statistics.parquet"
    table = pq.read_table(path)
    more = table.append_column("later", pa.array([0.5] * len(table)))
    kept = more.filter(pa.compute.not_equal(more["metric"], "f1"))
    pq.write_table(kept, path)
    found = compare(study, copy)
    assert statuses(found) == {"same", "only-a"} and not found.has_changed


def test_all_rows_are_written_beside_the_page(study, copy, tmp_path):
    output = tmp_path / "out" / "changes.md"
    assert main(["compare", str(study), str(copy), "--output", str(output)]) == 0
    assert output.read_text(encoding="utf-8").startswith("# What changed\n")
    assert len(pd.read_csv(output.with_suffix(".csv"))) == len(pd.read_parquet(study / "tables" / "statistics.parquet"))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("results/studies/dem", r"dem: no such folder. Did you mean 'demo'\?"),
        ("results", "no study's folder. Studies in it: .*results/studies/demo"),
        ("results/runs", "no finished study: tables/statistics.parquet is not there"),
        ("results/studies/demo/tables/runs.parquet", "a table 'runs', not a study's statistics"),
        ("results/studies/demo/tables/runs.csv", "not a Parquet table"),
        ("nowhere/demo", "no such folder; give results/studies/<study>"),
    ],
)
def test_a_wrong_folder_is_refused_with_what_would_be_right(study, path, message):
    with pytest.raises(ResultError, match=message):
        read_result_set(study.parents[2] / path)


def test_a_file_that_is_no_parquet_table_is_refused(tmp_path):
    (tmp_path / "statistics.parquet").write_bytes(b"no table")
    with pytest.raises(ResultError, match="cannot be read as Parquet"):
        read_result_set(tmp_path / "statistics.parquet")


def test_studies_with_nothing_in_common_are_an_error(study, copy, capsys):
    path = copy / "tables" / "statistics.parquet"
    table = pq.read_table(path)
    other = table.set_column(1, table.schema.field("dataset"), pa.array(["imdb"] * len(table)))
    pq.write_table(other, path)
    assert main(["compare", str(study), str(copy)]) == 1
    assert "no cell and metric in common: data sets sst and imdb" in capsys.readouterr().err


def test_intervals_of_different_levels_are_not_held_against_each_other(study, tmp_path):
    other = write_study(tmp_path, seeds=(3, 4))
    path = other / "tables" / "statistics.parquet"
    table = pq.read_table(path)
    about = {**read_metadata(table.schema), "confidence": 0.9}
    pq.write_table(table.replace_schema_metadata({METADATA_KEY: json.dumps(about)}), path)
    found = compare(study, other)
    assert "noise" not in statuses(found) and "unknown" in statuses(found)
