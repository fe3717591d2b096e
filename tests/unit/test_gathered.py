"""Lists of files: what others can check, what is read of them, and what is said where a file is gone."""

import subprocess
from pathlib import Path

import pytest

from attnexplain.errors import ResultError
from attnexplain.gathered import listed, write_list
from attnexplain.stages.gather import run


@pytest.fixture
def tables(tmp_path: Path) -> list[Path]:
    """Three files, not in order."""
    paths = [tmp_path / f"{name}.parquet" for name in ("b", "c", "a")]
    for path in paths:
        path.write_text(path.name, encoding="utf-8")
    return paths


def test_a_list_is_what_sha256sum_checks(tables: list[Path], tmp_path: Path) -> None:
    made = tmp_path / "gathered" / "all.sha256"
    run(files=tables, output=made)
    assert subprocess.run(["sha256sum", "--check", made], capture_output=True, check=False).returncode == 0
    tables[0].write_text("another", encoding="utf-8")
    assert subprocess.run(["sha256sum", "--check", made], capture_output=True, check=False).returncode == 1
    before = made.read_bytes()
    run(files=tables, output=made)
    assert made.read_bytes() != before and [path.name for path in made.parent.iterdir()] == ["all.sha256"]


def test_lists_are_read_as_the_files_in_them_in_one_order(tables: list[Path], tmp_path: Path) -> None:
    lists = [tmp_path / f"{number}.sha256" for number in (1, 2)]
    write_list(lists[0], tables[:1])
    write_list(lists[1], tables[1:])
    assert listed(lists) == listed([*lists[::-1]]) == sorted(tables)


def test_files_themselves_stay_as_they_are_given(tables: list[Path]) -> None:
    assert listed(tables) == tables
    assert listed([]) == []


def test_a_file_that_is_gone_is_named_with_what_to_do(tables: list[Path], tmp_path: Path) -> None:
    made = tmp_path / "all.sha256"
    write_list(made, tables)
    tables[1].unlink()
    with pytest.raises(ResultError, match=r"c.parquet: no such file, and .*all.sha256 has it; .*--forcerun gather"):
        listed([made])
    with pytest.raises(ResultError, match=r"c.parquet: no such file; run the rule"):
        run(files=tables, output=made)
