"""The command on studies whose tables the stages wrote, from invented runs."""

import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest

from attnexplain.cli import main
from attnexplain.errors import ResultError
from attnexplain.registry import facts
from attnexplain.stages import measure, statistics, tables
from attnexplain.stages.replication_page import read_study, run
from measured_runs import METHODS, PROVENANCE, SETTINGS, plugins, spec, write_experiment, write_run

BY = facts("experiment", "permutation")["by"]
PERMUTATION = {"name": "permutation", "id": "permutation", "options": {"draws": 100}, "by": BY}
ADVERSARY = {"name": "adversary", "id": "adversary", "options": {"epsilon_search": 0.01, "epsilon_select": 0.01}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished study of two seeds of one model with permuted attention and an adversary."""
    root = tmp_path_factory.mktemp("results")
    found = root / "studies" / "demo"
    measures = [with_adversary(root, write_run(found, spec(seed))) for seed in (1, 2)]
    (found / "runs").rename(root / "runs")
    settings = {**SETTINGS, "metrics": plugins(), "methods": [*METHODS], "experiments": [PERMUTATION, ADVERSARY]}
    common = {"runs": root / "runs", "provenance": PROVENANCE}
    statistics.run(settings=settings, measures=measures, output=found / "statistics" / "sst.parquet", **common)
    ids = [path.stem for path in measures]
    written = [found / "statistics" / "sst.parquet"]
    tables.run(settings={**settings, "missing": []}, statistics=written, run_ids=ids, output=found / "tables", **common)
    (found / "figures").mkdir()
    for name in ("tau-by-encoder", "accuracy-by-run"):
        (found / "figures" / f"{name}.png").write_bytes(name.encode())
    return found


def with_adversary(root, path):
    """The measures of a run with those of an adversary of divergence 0.6 in every text."""
    study = path.parents[1]
    run = study / "runs" / path.stem
    write_experiment(
        run / "experiments" / "adversary.parquet",
        {"example_id": [f"test-{i}" for i in range(40)], "jsd_max": [0.6] * 40},
    )
    measure.run(
        metrics=plugins(),
        tokens=study / "tokens" / "test.parquet",
        attributions=sorted((run / "attributions").glob("*.parquet")),
        experiments=sorted((run / "experiments").glob("*.parquet")),
        output=path,
        provenance=PROVENANCE,
    )
    return path


def test_the_command_writes_page_csv_and_figures(folder, tmp_path):
    page = tmp_path / "docs" / "jw.md"
    assert main(["replication", str(folder), "--output", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    rows = pd.read_parquet(folder / "tables" / "replication.parquet")
    assert f"<b>SST</b>: {len(rows)} published numbers, {rows['ours'].notna().sum()} beside ours" in text
    csv = pd.read_csv(page.with_suffix(".csv"), dtype={"class": str})
    assert list(csv) == list(rows) and len(csv) == len(rows)
    assert (tmp_path / "docs" / "jw" / "tau-by-encoder.png").read_bytes() == b"tau-by-encoder"
    assert "](jw/tau-by-encoder.png)" in text and "accuracy-by-run" not in text


def test_a_number_of_the_page_is_that_of_the_table(folder, tmp_path):
    run(studies=[folder], output=tmp_path / "jw.md")
    text = (tmp_path / "jw.md").read_text(encoding="utf-8")
    rows = pd.read_parquet(folder / "tables" / "statistics.parquet")
    row = rows[(rows["metric"] == "accuracy")].iloc[0]
    assert f"{row['mean']:.2f} [{row['ci_low']:.2f}, {row['ci_high']:.2f}]" in text or f"{row['mean']:.3f} [" in text
    assert "| SST | 0.600 [0.600, 0.600] | 1.000 [0.912, 1.000] | 0.000 [0.000, 0.088] | – |" in text


def test_the_same_studies_give_the_same_bytes(folder, tmp_path):
    for name in ("a", "b"):
        run(studies=[folder], output=tmp_path / name / "jw.md")
    for file in ("jw.md", "jw.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_the_csv_holds_the_rows_of_every_study(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "other")
    run(studies=[folder, other], output=tmp_path / "jw.md")
    assert len(pd.read_csv(tmp_path / "jw.csv")) == 2 * len(pd.read_parquet(folder / "tables" / "replication.parquet"))


def test_divergences_have_cell_seed_and_text(folder):
    found = read_study(folder).divergences
    assert len(found) == 80
    assert found[["seed", "example_id"]].drop_duplicates().shape == (80, 2)
    assert set(found["metric"]) == {"adversary:jsd_max"}
    assert set(found["encoder"]) == {"bilstm"}


def test_a_study_given_twice_is_refused(folder, tmp_path):
    with pytest.raises(ResultError, match="named twice"):
        run(studies=[folder, folder], output=tmp_path / "jw.md")


def test_an_unfinished_study_is_refused(tmp_path, folder):
    with pytest.raises(ResultError, match="no finished study"):
        read_study(tmp_path)
    copy = tmp_path / "copy"
    (copy / "tables").mkdir(parents=True)
    for path in (folder / "tables").glob("*.parquet"):
        (copy / "tables" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ResultError, match="no such file; finish the study first"):
        read_study(copy)
    (copy / "measures").mkdir()
    for path in (folder / "measures").glob("*.parquet"):
        pq.write_table(pq.read_table(path).replace_schema_metadata({}), copy / "measures" / path.name)
    with pytest.raises(ResultError, match="not a table 'measures'"):
        read_study(copy)
