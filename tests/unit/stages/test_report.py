"""Stage `report` on files of an invented study. Expected: the numbers, names and reasons of its tables."""

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import report_tables as tables
from attnexplain.stages import figure, report
from attnexplain.tables import runs, statistics
from report_files import StudyFiles, write_study, write_table

VOID = {"meta", "img", "br", "link", "hr"}
HOSTILE = '<script>alert("x")</script> & reason'


class Page(HTMLParser):
    """Text, references and ids of a page; an element that is closed wrongly is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.references: list[str] = []
        self.ids: list[str] = []
        self.elements: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.open += [] if tag in VOID else [tag]
        about = dict(attrs)
        self.references += [str(about[name]) for name in ("href", "src") if name in about]
        self.ids += [str(about["id"])] if "id" in about else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += [data.strip()] if data.strip() and self.open[-1] not in ("script", "style") else []


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFiles:
    return write_study(tmp_path_factory.mktemp("study"), texts=10)


@pytest.fixture(scope="module")
def figures(study: StudyFiles) -> list[Path]:
    names, folder = ("accuracy-by-run", "tau-by-encoder"), study.tables.parent / "figures"
    for name in names:
        figure.run(
            figure=name,
            settings=tables.SETTINGS,
            tables=study.tables,
            measures=[],
            texts=[],
            runs=study.runs,
            output=folder / name,
            provenance={},
        )
    return [folder / f"{name}.svg" for name in names]


@pytest.fixture(scope="module")
def archive(study: StudyFiles, figures: list[Path]) -> zipfile.ZipFile:
    return _report(study, figures, study.tables.parent / "report.zip")


@pytest.fixture(scope="module")
def page(archive: zipfile.ZipFile) -> Page:
    return Page(archive.read("index.html").decode())


def _report(files: StudyFiles, figures: list[Path], output: Path, **changed: object) -> zipfile.ZipFile:
    settings = {**tables.SETTINGS, **changed}
    inputs = {"datasets": files.datasets, "tokens": files.tokens, "figures": figures}
    report.run(
        settings=settings, tables=files.tables, runs=files.runs, output=output, provenance={"code": "x"}, **inputs
    )
    return zipfile.ZipFile(output)


def test_the_page_is_well_formed_and_needs_no_network(page: Page, archive: zipfile.ZipFile) -> None:
    assert len(page.ids) == len(set(page.ids))
    inside = [reference for reference in page.references if not reference.startswith("#")]
    assert inside and set(inside) <= set(archive.namelist())
    assert {reference[1:] for reference in page.references if reference.startswith("#")} <= set(page.ids)
    assert not re.search(r"(https?:)?//[a-z]", archive.read("index.html").decode().split("<script>")[0])


def test_tables_and_figures_are_in_the_archive(archive: zipfile.ZipFile) -> None:
    assert archive.namelist() == [
        *("figures/accuracy-by-run.csv", "figures/accuracy-by-run.svg"),
        *("figures/tau-by-encoder.csv", "figures/tau-by-encoder.svg", "index.html"),
        *(f"tables/{name}.csv" for name in ("agreement", "replication", "runs", "statistics")),
    ]


def test_the_same_study_gives_the_same_bytes(study: StudyFiles, figures: list[Path], tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.zip" for name in "ab"]
    for path in paths:
        _report(study, figures, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert {entry.date_time for entry in zipfile.ZipFile(paths[0]).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_cell_shows_its_numbers_with_n_and_undefined(page: Page) -> None:
    table = tables.statistics_table()
    accuracy = table[table["metric"] == "accuracy"]
    assert {f"{mean:.3f}" for mean in accuracy["mean"]} <= set(page.text)
    assert page.text.count("n = 872, 3 seeds") == 3 * len(accuracy)
    assert page.text.count("9 undefined") == 2 * len(accuracy)
    tau = table[(table["metric"] == "kendall-tau") & (table["class"] == "all") & (table["method_b"] == "gradient")]
    low, high = tau.iloc[0][["ci_low", "ci_high"]]
    assert f"[{low:.3f}, {high:.3f}]".replace("-", "−") in page.text
    assert "chance 0.290 to 0.330" in page.text
    assert {"published 0.37 (class 0)", "published 0.42 (class 1)", "published 0.83"} <= set(page.text)


def test_every_data_set_is_described_with_its_source_and_published_sizes(page: Page) -> None:
    assert {"Stanford Sentiment Treebank, binary", "Generated reviews", "generated by this project"} <= set(page.text)
    assert "original files: sst/trees/train.txt (SHA-256 e2f3f41b0b1e…)" in page.text
    assert {"published 3034 / 3321", "published 6,355", "published 18.7", "of 6,920"} <= set(page.text)


def test_every_run_has_a_row(page: Page) -> None:
    assert set(tables.runs_table()["run"]) <= set(page.text)


def test_published_numbers_stand_beside_ours_with_what_differs(page: Page) -> None:
    assert {"0.34", "0.214", "−0.13", "untrained vectors instead of fastText"} <= set(page.text)
    assert "cell is not part of this study" in page.text and "1 published number" in page.text


def test_captions_say_n_seeds_undefined_and_the_kind_of_interval(page: Page) -> None:
    caption = next(text for text in page.text if text.startswith("Mean Kendall τ between attention"))
    assert "872 texts per cell; 3 seeds per cell; 432 undefined values in all; 95 % intervals (two-way)." in caption


def test_reasons_are_shown_and_text_of_users_is_escaped(figures: list[Path], tmp_path: Path) -> None:
    study = write_study(tmp_path, texts=5)
    planned = tables.runs_table()
    absent = (planned["encoder"] == "cnn") & (planned["dataset"] == "sst")
    planned.loc[absent, "missing_reason"] = HOSTILE
    planned.loc[absent, ["run", "test_accuracy"]] = [None, np.nan]
    write_table(study.tables, "runs", planned, runs.SCHEMA)
    html = _report(study, figures, tmp_path / "r.zip", study="<b>mine").read("index.html").decode()
    page = Page(html)
    assert page.text.count(HOSTILE) == 4 and "runs of seed 1, 2, 3" in page.text
    assert page.text.count(f"no result: {HOSTILE}") == 12 and "60, and 12 without result" in page.text
    assert page.elements.count("script") == 1 and "<b>mine" in page.text


def test_names_are_the_studys_own_where_it_gives_them(study: StudyFiles, figures: list[Path], tmp_path: Path) -> None:
    display = {"labels": {"bilstm": "Both ways"}, "colours": {}}
    page = Page(_report(study, figures, tmp_path / "r.zip", display=display).read("index.html").decode())
    assert "Both ways, additive" in page.text and "BiLSTM, additive" not in page.text


def test_a_study_without_any_result_still_gives_a_page(tmp_path: Path) -> None:
    study = write_study(tmp_path, texts=5)
    for name, schema in report.TABLES.items():
        write_table(study.tables, name, getattr(tables, f"{name}_table")().iloc[:0], schema)
    empty = StudyFiles(study.tables, study.runs, [], [], [], [])
    page = Page(_report(empty, [], tmp_path / "r.zip").read("index.html").decode())
    assert {"This study plans no run.", "This study draws no figures."} <= set(page.text)
    assert "Nothing is missing: every planned cell has a value." in page.text


def test_an_undefined_statistic_is_shown_as_such(figures: list[Path], tmp_path: Path) -> None:
    study = write_study(tmp_path, texts=5)
    table = tables.statistics_table()
    row = (table["metric"] == "accuracy") & (table["encoder"] == "cnn")
    table.loc[row, ["mean", "ci_low", "ci_high"]] = np.nan
    table.loc[row, ["n_examples", "n_undefined"]] = [0, 2616]
    write_table(study.tables, "statistics", table, statistics.SCHEMA)
    page = Page(_report(study, figures, tmp_path / "r.zip").read("index.html").decode())
    assert page.text.count("undefined") >= row.sum() and page.text.count("2,616 undefined") == row.sum()
