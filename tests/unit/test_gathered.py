"""Lists of files: what others can check, what is read of them, and what is said where a file is gone."""

import json
import subprocess
from itertools import product
from pathlib import Path

import pytest

from attnexplain.cli import main
from attnexplain.errors import ResultError
from attnexplain.gathered import listed, write_list
from attnexplain.stages.gather import run
from measured_runs import METHODS, SETTINGS, plugins, spec, write_run


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


USED = {"metrics": plugins(), "methods": [*METHODS], "experiments": [], "compare": ["encoder", "method"]}
STAGES = {
    "statistics": ["--measures", "results/measures/*.parquet"],
    "retest": ["--attributions", "results/runs/*/attributions/*.parquet"],
}


def test_stages_make_the_same_bytes_of_lists_as_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for seed, encoder in product((1, 2), ("average", "bilstm")):
        write_run(Path("results"), spec(seed, encoder=encoder), n=12)
    for stage, (option, pattern) in STAGES.items():
        files = [str(path) for path in Path().glob(pattern)]
        lists = [f"{stage}.{number}.sha256" for number in range(3)]
        for number, path in enumerate(lists):
            assert main(["gather", "--files", *files[number::3], "--output", path]) == 0
        given = ["--plugins", '[{"name": "retest", "id": "retest", "options": {"sign": "absolute"}}]']
        if stage != "retest":
            Path("settings.json").write_text(json.dumps({**SETTINGS, **USED}), encoding="utf-8")
            given = ["--settings", "settings.json"]
        for output, read in (("files", files), ("lists", lists)):
            assert main([stage, *given, option, *read, "--output", f"{output}/{stage}.parquet"]) == 0
    made = {path.name: path.read_bytes() for path in Path("files").iterdir()}
    assert len(made) == len(STAGES) and made == {path.name: path.read_bytes() for path in Path("lists").iterdir()}
    options = ["--runs", *(str(path) for path in Path("results/runs").glob("*/metrics.json"))]
    assert main(["gather", "--files", *options[1:], "--output", "runs.sha256"]) == 0
    late = {**SETTINGS, **USED, "missing": [], "differs": {}, "vectors": {}}
    for output, read in (("files", options), ("lists", ["--runs", "runs.sha256"])):
        given = ["--settings", json.dumps(late), "--statistics", f"{output}/statistics.parquet"]
        assert main(["tables", *given, *read, "--output", f"{output}/tables/statistics.parquet"]) == 0
    assert [*map(Path.read_bytes, sorted(Path("files/tables").iterdir()))] == [
        *map(Path.read_bytes, sorted(Path("lists/tables").iterdir()))
    ]
