"""The three files from a study's table, and the command line that the rule calls."""

import json

import pandas as pd
import pytest

from attnexplain.cli import main
from attnexplain.tables import statistics
from report_files import write_table
from report_tables import SETTINGS, statistics_table


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    tables = tmp_path_factory.mktemp("study") / "tables"
    write_table(tables, "statistics", statistics_table(), statistics.SCHEMA)
    return tables


def made(folder, settings=SETTINGS):
    given = ["--settings", json.dumps(settings), "--tables", str(folder / "statistics.parquet")]
    assert main(["wide", *given, "--output", str(folder / "wide.csv")]) == 0
    return {kind: (folder / f"wide.{kind}").read_text(encoding="utf-8") for kind in ("csv", "md", "tex")}


def test_all_three_files_hold_the_same_number(folder):
    texts = made(folder)
    table = pd.read_csv(folder / "wide.csv")
    row = table[(table["dataset"] == "sst") & (table["encoder"] == "cnn") & (table["control"] == "untrained")]
    value = f"{row['kendall-tau/attention/gradient/mean'].item():.3f}".replace("0.", ".", 1)
    lines = [line for line in texts["md"].splitlines() if line.startswith("| CNN, additive (untrained)")]
    assert any(f"| {value} [" in line for line in lines)
    assert any(line.startswith(f"    CNN, additive (untrained) & {value} [") for line in texts["tex"].splitlines())


def test_the_same_table_gives_the_same_bytes_whatever_the_order_of_its_rows(folder, tmp_path):
    write_table(tmp_path, "statistics", statistics_table().sample(frac=1, random_state=0), statistics.SCHEMA)
    assert made(tmp_path) == made(folder)


def test_names_of_the_study_reach_the_tables_for_people_alone(folder):
    settings = {**SETTINGS, "display": {"labels": {"bilstm": "Both ways"}, "colours": {}}}
    texts = made(folder, settings)
    assert "Both ways, additive" in texts["md"] and "Both ways, additive" in texts["tex"]
    assert texts["csv"] == made(folder)["csv"]
