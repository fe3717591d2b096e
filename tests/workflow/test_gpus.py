"""Several jobs at once on one machine: no two on one GPU, and as many as there are cores where there is no GPU.

The GPUs are doubles, names in CUDA_VISIBLE_DEVICES, and so is training: a job waits until as many as expected have
come, and tells on which devices it and those beside it are. Of two that meet, the later one sees the other.
"""

import json
import shutil

import pytest

from workflow_project import STUDY, Project

pytestmark = pytest.mark.workflow
TRAINING = """
import json, os, time
from pathlib import Path

PLACES = Path("places")
FILES = ("spec.json", "model.safetensors", "history.parquet", "metrics.json", "performance.json", "predictions.parquet")


def run(*, output, **options):
    here = PLACES / "now" / f"{os.environ['CUDA_VISIBLE_DEVICES']} {os.getpid()}"
    here.touch()
    beside = [path.name.split(" ")[0] for path in PLACES.glob("now/*")]
    PLACES.joinpath("came", here.name).write_text(json.dumps(beside))
    until = time.monotonic() + 600
    while len(list(PLACES.glob("came/*"))) < int(os.environ["TOGETHER"]):
        assert time.monotonic() < until, "these jobs never ran at once"
        time.sleep(0.05)
    here.unlink()
    for name in FILES:
        (output / name).touch()
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A study of three trainings, none of which is done."""
    project = Project(tmp_path_factory.mktemp("gpus"))
    grid = {"encoder": {"name": "average", "hidden": 4}, "attention": "additive"}
    study = {"datasets": STUDY["datasets"][:1], "grid": grid, "seeds": [1, 2, 3], "resources": {"device": "auto"}}
    project.write({**STUDY, **study})
    project.source("stages/train.py").write_text(TRAINING, encoding="utf-8")
    project.source("../torch.py").write_text("def set_num_threads(number): ...\n", encoding="utf-8")
    project.run("datasets")
    return project


@pytest.mark.parametrize(
    ("visible", "options", "together", "meetings"),
    [
        ("GPU-a,GPU-b", ["--cores", "8"], 2, {("GPU-a",), ("GPU-b",), ("GPU-a", "GPU-b")}),
        ("GPU-a", ["--cores", "8"], 1, {("GPU-a",)}),
        ("GPU-a", ["--cores", "8", "--resources", "gpu=2"], 2, {("GPU-a",), ("GPU-a", "GPU-a")}),
        ("", ["--cores", "2"], 2, {("",), ("", "")}),
    ],
    ids=["two GPUs", "one GPU", "two jobs on a GPU", "two cores"],
)
def test_jobs_that_run_at_once(
    prepared: Project,
    monkeypatch: pytest.MonkeyPatch,
    visible: str,
    options: list[str],
    together: int,
    meetings: set[tuple[str, ...]],
) -> None:
    places = prepared.folder / "places"
    for old in (places, prepared.folder / "results" / "runs"):
        shutil.rmtree(old, ignore_errors=True)
    for name in ("now", "came"):
        (places / name).mkdir(parents=True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    monkeypatch.setenv("TOGETHER", str(together))
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    prepared.run("models", *options)
    seen = [tuple(sorted(json.loads(path.read_text(encoding="utf-8")))) for path in places.glob("came/*")]
    assert len(seen) == 3 and set(seen) <= meetings
    assert max(map(len, seen)) == together
