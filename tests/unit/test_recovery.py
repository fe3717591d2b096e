"""Going on after Snakemake was killed: what is left of it, and which trainings are kept."""

import base64
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from attnexplain.errors import AttnExplainError
from attnexplain.jobs.snakemake_files import snakemake_processes
from attnexplain.plan.grid import model_modules
from attnexplain.provenance import Sources
from attnexplain.recovery import end_jobs, finished_trainings, queued, recover
from tiny import tiny_spec

NAMES = ("history.parquet", "metrics.json", "model.safetensors", "performance.json", "predictions.parquet", "spec.json")
RUN = tiny_spec()["run"]


def mark(folder: Path, path: str, job: str | None = "7") -> None:
    """Snakemake's mark of an output that was begun, a name of more than 254 characters cut into folders."""
    name = base64.urlsafe_b64encode(path.encode()).decode()
    parts = [name[start : start + 254] for start in range(0, len(name), 254)]
    target = folder.joinpath(".snakemake", "incomplete", *[f"@{part}" for part in parts[:-1]], parts[-1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"external_jobid": job}), encoding="utf-8")


def trained(folder: Path, run: str = RUN, said: dict[str, str] | None = None) -> Path:
    """The files of a training that finished, marked as begun."""
    output = folder / "results" / "runs" / run
    output.mkdir(parents=True)
    spec = {**tiny_spec(), "run": run}
    code = Sources().code_digest(["attnexplain.stages.train", *model_modules(spec)])
    for name in NAMES:
        mark(folder, f"results/runs/{run}/{name}")
        (output / name).write_text(json.dumps(spec), encoding="utf-8")
    about = json.dumps({"run": run, "code": code, **(said or {})})
    save_file({"weight": np.zeros(3, np.float32)}, output / "model.safetensors", {"attnexplain": about})
    return output


@pytest.mark.parametrize("run", [RUN, f"{RUN}-{'x' * 180}"], ids=["short", "long"])
def test_a_training_that_finished_is_kept(tmp_path: Path, run: str) -> None:
    trained(tmp_path, run)
    assert finished_trainings(tmp_path) == [Path("results", "runs", run, name) for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_a_training_that_lacks_a_file_is_made_again(tmp_path: Path, name: str) -> None:
    (trained(tmp_path) / name).unlink()
    assert finished_trainings(tmp_path) == []


@pytest.mark.parametrize("provenance", [{"code": "0" * 12}, {"run": "another"}])
def test_a_training_of_other_code_or_another_run_is_made_again(tmp_path: Path, provenance: dict[str, str]) -> None:
    trained(tmp_path, said=provenance)
    assert finished_trainings(tmp_path) == []


def test_files_that_were_not_marked_are_left_alone(tmp_path: Path) -> None:
    trained(tmp_path)
    for path in (tmp_path / ".snakemake").rglob("*"):
        if path.is_file():
            path.unlink()
    mark(tmp_path, "results/runs/other/attributions/gradient.parquet")
    mark(tmp_path, "results/studies/tiny/measures/other.parquet")
    assert finished_trainings(tmp_path) == []


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A queue that scancel takes jobs from: two of Snakemake here, one of somebody here, one of Snakemake elsewhere."""
    listed, folder = tmp_path / "queue", tmp_path / "here"
    folder.mkdir()
    rows = [(4, "rule_train_wildcards_a", folder), ("5_[2-3]", "rule_measure", folder), (6, "mine", folder)]
    rows.append((7, "rule_train", tmp_path / "elsewhere"))
    listed.write_text("".join(f"{job}|{comment}|{where}\n" for job, comment, where in rows), encoding="utf-8")
    scripts = {
        "squeue": f"cat {listed}",
        "scancel": f'for job; do grep -vF "$job|" {listed} > new; mv new {listed}; done',
    }
    for name, text in scripts.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.chdir(folder)
    return listed


def test_only_jobs_of_this_folder_are_ended(queue: Path) -> None:
    here = Path.cwd()
    assert queued(here) == ["4", "5_[2-3]"]
    end_jobs(here)
    assert [line.split("|")[0] for line in queue.read_text(encoding="utf-8").splitlines()] == ["6", "7"]


def test_a_queue_that_does_not_answer_matters_where_jobs_were_submitted(queue: Path, tmp_path: Path) -> None:
    (tmp_path / "squeue").write_text("#!/bin/sh\necho no controller >&2\nexit 1\n", encoding="utf-8")
    here = Path.cwd()
    mark(here, "results/runs/a/attributions/gradient.parquet", None)
    assert queued(here) == []
    mark(here, "results/runs/b/attributions/gradient.parquet")
    with pytest.raises(AttnExplainError, match=r"squeue does not answer: no controller\."):
        end_jobs(here)


def test_nothing_is_ended_while_snakemake_works_here(queue: Path) -> None:
    here = Path.cwd()
    assert snakemake_processes() == []
    with subprocess.Popen(["bash", "-c", "exec -a snakemake sleep 600"], cwd=here) as process:
        while not Path(f"/proc/{process.pid}/cmdline").read_bytes().startswith(b"snakemake"):
            pass
        try:
            with pytest.raises(AttnExplainError, match=rf"process {process.pid}\)\. Stop it with Ctrl-C"):
                recover(["snakemake", "--cores", "1"])
        finally:
            process.kill()
    assert len(queue.read_text(encoding="utf-8").splitlines()) == 4


@pytest.mark.parametrize("command", [[], ["--cores", "8"], ["make", "study"]])
def test_a_call_that_is_none_of_snakemake_is_refused(command: list[str]) -> None:
    with pytest.raises(AttnExplainError, match="attnexplain recover snakemake"):
        recover(command)


def test_a_recovery_is_no_snakemake_at_work() -> None:
    with subprocess.Popen(["bash", "-c", "sleep 600; :", "snakemake", "recover"], cwd=Path.cwd()) as process:
        try:
            assert process.pid not in snakemake_processes()
        finally:
            process.kill()
