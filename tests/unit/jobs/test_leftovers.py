"""What a job leaves that is killed while it writes: found, removed by the next one, and taken from no living one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from attnexplain.cli import main
from attnexplain.jobs.leftovers import leftovers, remove_leftovers

RUN = "sst.bilstm.additive.none.s1-0123456789"
OUTPUT = Path("results/runs") / RUN / "spec.json"
# What a training does at its end, with nobody to stop it there.
WRITING = """
import sys, time
from pathlib import Path
from attnexplain.jobs.records import recorded
from attnexplain.stages.folder import filled
output = Path(sys.argv[1])
with recorded("train", output), filled(output.parent) as folder:
    (folder / "model.safetensors").write_text("half")
    print("begun", flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def touch(*names: str) -> list[Path]:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x")
    return [Path(name) for name in names]


def writing(output: Path) -> "subprocess.Popen[bytes]":
    """A process that is in the middle of writing the files of a run."""
    command = [sys.executable, "-c", WRITING, str(output)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"begun\n"
    return process


def test_what_a_killed_job_left_goes_with_the_next_one_and_nothing_does_while_it_lives() -> None:
    (whole,) = touch(f"results/runs/{RUN}/metrics.json")
    others = touch(f"results/runs/.{RUN}0.a1b2c3d4/x", f"results/runs/.{RUN}.kept/x", "results/runs/.x.a1b2c3d4/x")
    with writing(OUTPUT) as process:
        (left,) = [path for path in leftovers() if path.name.startswith(f".{RUN}.")]
        remove_leftovers(OUTPUT)
        assert (left / "model.safetensors").is_file()
        process.kill()
    remove_leftovers(OUTPUT)
    assert not left.exists()
    assert all(path.is_file() for path in (whole, *others))


def test_a_stage_begins_with_removing_them() -> None:
    table = "results/studies/x/wide.md"
    mine, other = touch("results/studies/x/.wide.md.77.tmp", "results/studies/x/.tables.md.77.tmp")
    given = ["wide", "--settings", "{}", "--code", "c", "--tables", "absent/statistics.parquet", "--output", table]
    assert main(given) == 1  # without tables it goes no further
    assert not mine.exists() and other.exists()


@pytest.mark.parametrize(
    "name",
    [
        "results/runs/.a.s1-0123456789.x1y2z3__/model.safetensors",
        "resources/tokens/set-1/.word-1.x1y2z3__/train.parquet",
        "resources/datasets/.downloads/tmpx1y2z3__/archive.zip",
        "results/.removed-a/model.safetensors",
    ],
)
def test_folders_of_every_kind_are_found(name: str) -> None:
    touch(name)
    assert leftovers() == [Path(name).parent]


def test_files_are_found_and_what_is_whole_is_not() -> None:
    partial = touch("scratch/a/train-spec/.state.pt.123.tmp", "results/studies/s/.wide.md.tmp")
    touch("results/runs/a/.keep", "resources/datasets/.downloads/0a1b2c3d-tmpx1y2z3__", "results/runs/a/model.tmp")
    touch(".snakemake/tmp.x1y2z3__", "results/runs/a/tmpx1y2z3__")
    assert leftovers() == sorted(partial)


def test_nothing_is_removed_outside_the_working_directory(tmp_path: Path) -> None:
    (partial,) = touch("elsewhere/.table.parquet.12.tmp")
    remove_leftovers(tmp_path / "elsewhere" / "table.parquet")
    assert partial.exists()
