"""The command on a study whose tables the stages wrote, from invented runs: two encoders, two seeds."""

from dataclasses import replace

import pytest

from attnexplain.cli import main
from attnexplain.errors import ResultError
from attnexplain.pages.findings.page import pictured
from attnexplain.stages import agreement, contrast, statistics, tables
from attnexplain.stages.findings import read_study, run
from measured_runs import METHODS, PROVENANCE, SETTINGS, plugins, spec, write_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished study with figures."""
    root = tmp_path_factory.mktemp("results")
    found = root / "studies" / "demo"
    specs = [spec(seed + place, encoder=name) for place, name in ((0, "bilstm"), (0, "gru-0a1b2c")) for seed in (1, 2)]
    for one in specs:
        one |= {
            axis: {"name": one["slug"][axis].split("-")[0], "id": one["slug"][axis], "options": {}} for axis in AXES
        }
        one["regulariser"] = []
    measures = [write_run(found, one) for one in specs]
    (found / "runs").rename(root / "runs")
    settings = {**SETTINGS, "metrics": plugins(), "methods": [*METHODS], "experiments": [], "missing": []}
    common = {"runs": root / "runs", "provenance": PROVENANCE}
    written = {name: found / name / "sst.parquet" for name in ("statistics", "comparisons", "agreement")}
    compare = {**settings, "compare": ["encoder", "method"]}
    statistics.run(settings=settings, measures=measures, output=written["statistics"], **common)
    contrast.run(settings=compare, measures=measures, output=written["comparisons"], **common)
    agreement.run(settings=settings, measures=measures, output=written["agreement"], **common)
    inputs = {name: [path] for name, path in written.items()}
    tables.run(settings=settings, run_ids=[path.stem for path in measures], output=found / "tables", **inputs, **common)
    (found / "figures").mkdir()
    (found / "figures" / "costs-and-gains.png").write_bytes(b"drawn")
    return found


AXES = ("encoder", "attention", "normaliser")


def test_the_page_is_made_of_the_studys_tables_and_figures(folder, tmp_path):
    assert main(["findings", str(folder), "--output", str(tmp_path / "docs" / "findings.md")]) == 0
    page = (tmp_path / "docs" / "findings.md").read_text(encoding="utf-8")
    assert "findings of the study `demo`" in page and "](findings/costs-and-gains.png)" in page
    assert (tmp_path / "docs" / "findings" / "costs-and-gains.png").read_bytes() == b"drawn"
    gains = read_study(folder).gains
    row = gains[(gains["notion"] == "evidence") & (gains["axis"] == "encoder")].iloc[0]
    assert f"{row['mean']:.3f}"[:4] in page


def test_variants_have_their_plain_names_where_there_is_but_one(folder):
    study = read_study(folder)
    assert study.label("gru-0a1b2c") == "GRU" and study.plain["encoder"] == "bilstm"


def test_of_a_part_the_page_says_what_was_not_run(folder, tmp_path):
    full = tmp_path / "full.yaml"
    full.write_text(
        "study: full\ndatasets: [sst, trec]\nseeds: [1]\ngrid: {encoder: bilstm, attention: additive}\n",
        encoding="utf-8",
    )
    page = tmp_path / "page.md"
    assert main(["findings", str(folder), "--part-of", str(full), "--output", str(page)]) == 0
    assert "Planned and not run: TREC." in page.read_text(encoding="utf-8")
    run(study=folder, output=page)
    assert "Planned and not run" not in page.read_text(encoding="utf-8")


def test_the_same_tables_give_the_same_page(folder, tmp_path):
    for name in ("one", "two"):
        run(study=folder, output=tmp_path / name / "findings.md")
    first, second = ((tmp_path / name / "findings.md").read_bytes() for name in ("one", "two"))
    assert first == second


def test_an_unfinished_study_is_refused(tmp_path):
    with pytest.raises(ResultError, match="no finished study"):
        run(study=tmp_path, output=tmp_path / "findings.md")


def test_the_figure_of_evidence_stands_where_there_is_evidence(folder):
    study = read_study(folder)
    assert pictured(study) == ["costs-and-gains", "evidence-by-remedy"]
    without = study.statistics[~study.statistics["metric"].str.startswith("evidence-auprc")]
    assert pictured(replace(study, statistics=without)) == ["costs-and-gains"]
