"""The csv for programs, against the long table."""

import io

import pandas as pd

from attnexplain.pages.wide.machine import NUMBERS, frame
from attnexplain.pages.wide.measures import wide
from attnexplain.tables.statistics import CELL
from report_tables import statistics_table


def test_a_number_is_found_by_cell_metric_and_methods():
    long = statistics_table()
    table = pd.read_csv(io.StringIO(frame(wide(long)).to_csv(index=False))).set_index(list(CELL))
    names = [name.split("/") for name in table.columns]
    assert {number for *_, number in names} == set(NUMBERS)
    rows = long[long["class"] == "all"]
    assert len(names) == len(NUMBERS) * len(rows[["metric", "method", "method_b"]].drop_duplicates())
    for row in rows.to_dict("records"):
        key = tuple(row[axis] for axis in CELL)
        name = "/".join(row[part] for part in ("metric", "method", "method_b") if pd.notna(row[part]))
        for number in ("mean", "ci_low", "n_examples", "n_undefined", "null_high", "published", "ci_kind"):
            found = table.loc[key, f"{name}/{number}"]
            assert found == row[number] or (pd.isna(found) and pd.isna(row[number]))


def test_columns_do_not_depend_on_results():
    long = statistics_table()
    assert list(frame(wide(long))) == list(frame(wide(long.assign(published=None, null_low=None))))
    assert {"ceiling", "published_source", "missing_reason"} <= set(NUMBERS)
