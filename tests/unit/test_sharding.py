"""Sharded writing. Expected tables are literal; an interrupted job is compared with one that ran through."""

from pathlib import Path

import pyarrow as pa
import pytest

from attnexplain.sharding import write_sharded
from attnexplain.tables.io import TableSchema, read_metadata, read_table

SCHEMA = TableSchema("squares", 1, pa.schema([pa.field("n", pa.int64(), nullable=False)]), extra=True)


class Squares:
    """Computes n and n^2, remembers which shards it was asked for, and may fail at one position."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.asked: list[tuple[int, int]] = []
        self.fails_at = fails_at

    def __call__(self, positions: range) -> pa.Table:
        if self.fails_at in positions:
            raise RuntimeError("killed")
        self.asked.append((positions.start, positions.stop))
        return pa.table({"n": list(positions), "square": [n * n for n in positions]})


def write(folder: Path, compute: Squares, size: int = 4, inputs: str = "model-a") -> Path:
    path = folder / "squares.parquet"
    scratch = folder / "scratch" / "job"
    write_sharded(path, SCHEMA, {"code": "abc"}, compute, count=10, size=size, scratch=scratch, inputs=inputs)
    return path


def test_shards_are_merged_in_order_with_provenance(tmp_path):
    compute = Squares()
    table = read_table(write(tmp_path, compute), SCHEMA)
    assert compute.asked == [(0, 4), (4, 8), (8, 10)]
    assert table.to_pydict() == {"n": list(range(10)), "square": [n * n for n in range(10)]}
    assert read_metadata(table.schema)["code"] == "abc"


def test_scratch_is_removed_on_success(tmp_path):
    write(tmp_path, Squares())
    assert not (tmp_path / "scratch" / "job").exists()


def test_a_killed_job_resumes_and_writes_the_bytes_of_an_unbroken_one(tmp_path):
    with pytest.raises(RuntimeError, match="killed"):
        write(tmp_path / "broken", Squares(fails_at=9))
    assert not (tmp_path / "broken" / "squares.parquet").exists()
    resumed = Squares()
    broken = write(tmp_path / "broken", resumed)
    assert resumed.asked == [(8, 10)]
    assert broken.read_bytes() == write(tmp_path / "whole", Squares()).read_bytes()


def test_a_truncated_shard_is_computed_again(tmp_path):
    with pytest.raises(RuntimeError):
        write(tmp_path, Squares(fails_at=9))
    first = min((tmp_path / "scratch" / "job").rglob("*.parquet"))
    first.write_bytes(first.read_bytes()[:100])
    resumed = Squares()
    write(tmp_path, resumed)
    assert resumed.asked == [(0, 4), (8, 10)]


def test_shards_of_another_size_are_not_mixed_in(tmp_path):
    with pytest.raises(RuntimeError):
        write(tmp_path, Squares(fails_at=9))
    resumed = Squares()
    table = read_table(write(tmp_path, resumed, size=3), SCHEMA)
    assert resumed.asked == [(0, 3), (3, 6), (6, 9), (9, 10)]
    assert table["n"].to_pylist() == list(range(10))


def test_shards_of_other_inputs_are_not_mixed_in(tmp_path):
    with pytest.raises(RuntimeError):
        write(tmp_path, Squares(fails_at=9))
    resumed = Squares()
    write(tmp_path, resumed, inputs="model-b")
    assert resumed.asked == [(0, 4), (4, 8), (8, 10)]
    assert not (tmp_path / "scratch" / "job").exists()


def test_each_shard_is_logged_where_no_terminal_shows_progress(tmp_path, caplog):
    with caplog.at_level("INFO"):
        write(tmp_path, Squares())
    assert [record.getMessage() for record in caplog.records][-1] == "squares: 10 of 10 examples"
