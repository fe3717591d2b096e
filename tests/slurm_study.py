"""The study of the SLURM tests, a Snakemake at work on it, and what it has made."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from slurm_node import Node, until
from workflow_project import STUDY, Project, results

EPOCHS, TEXTS = 300, 60
# One model whose training, and one method whose shards, take long enough to be caught in the middle.
SLURM_STUDY = {
    **STUDY,
    "datasets": [
        {
            "name": "tiny-sentiment",
            "title": "Sentiment",
            "classes": ["0", "1"],
            "sources": {
                "synthetic": {
                    "reader": {"name": "planted-sentiment", "train_size": 40, "dev_size": 16, "test_size": TEXTS}
                }
            },
        }
    ],
    "grid": {"encoder": {"name": "bilstm", "hidden": 4}, "attention": "additive"},
    "training": {"epochs": EPOCHS, "embedding_size": 6, "patience": None},
    "methods": ["attention", "integrated-gradients"],
    "resources": {"device": "cpu", "shard": 1},
}
PROFILE = ("--workflow-profile", "workflow/profiles/slurm", "--slurm-init-seconds-before-status-checks", "1")
EPOCH = re.compile(r"epoch (\d+) of ")
RESUMED = re.compile(r"going on after epoch (\d+)")
SHARD = re.compile(r"integrated-gradients: (\d+) of \d+ examples")


class Submission:
    """Snakemake, submitting the study's jobs to a node."""

    def __init__(self, node: Node, project: Project, *targets: str, study: Sequence[str] = ("study.yaml",)) -> None:
        self.node, self.project = node, project
        self.log = project.folder / "snakemake.log"
        command = [sys.executable, "-m", "snakemake", *targets, "--configfile", *study, *PROFILE]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=project.folder, env=clean(node), stdout=log, stderr=log, start_new_session=True
            )

    def finish(self) -> None:
        """Wait for a good end."""
        until(lambda: self._process.poll() is not None, "Snakemake to end", self._explain)
        assert self._process.returncode == 0, self._explain()

    def kill(self) -> None:
        """What the kernel does where memory runs out: no time to say goodbye. Of one that has ended, nothing."""
        self._process.kill()
        self._process.wait(timeout=60)

    @contextmanager
    def held(self) -> Iterator[None]:
        """While the block runs, Snakemake does nothing, so that what has become of its jobs can be looked at."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something that the study's jobs do."""

        def reached() -> bool:
            assert self._process.poll() is None, f"Snakemake ended before {what}: {self._explain()}"
            return condition()

        until(reached, what, self._explain)

    def in_training(self, epoch: int = 3) -> str:
        """Wait until the model has been trained for some epochs; the job that trains it."""
        self.wait_for(lambda: last(EPOCH, self.project, "train") >= epoch, f"epoch {epoch}")
        (job,) = self.node.running(self.project.folder, "train")
        return job.identifier

    def _explain(self) -> str:
        return self.log.read_text(encoding="utf-8")[-6000:] + self.node.log()


def clean(node: Node) -> dict[str, str]:
    """The environment of a person at the submit host."""
    kept = {key: value for key, value in node.environment().items() if not key.startswith(("PYTHON", "SNAKEMAKE"))}
    return {**kept, "OMP_NUM_THREADS": "1"}


def recover(node: Node, project: Project, *targets: str) -> None:
    """The one command after a killed Snakemake, to its good end."""
    attnexplain(node, project, "recover", "snakemake", *targets, "--configfile", "study.yaml", *PROFILE)


def status(node: Node, project: Project) -> str:
    """What a person at the submit host is told of the study."""
    return attnexplain(node, project, "status", "study.yaml")


def attnexplain(node: Node, project: Project, *arguments: str) -> str:
    """What a command for people prints at the submit host."""
    environment = {**clean(node), "PYTHONPATH": str(project.folder / "workflow" / "src")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    command = [sys.executable, "-m", "attnexplain", *arguments]
    done = subprocess.run(command, cwd=project.folder, env=environment, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:] + node.log()
    return done.stdout


def last(pattern: re.Pattern[str], project: Project, rule: str) -> int:
    """The last number of a pattern in the logs of a rule; 0 where there is none."""
    found = [int(number) for text in logs(project, rule) for number in pattern.findall(text)]
    return found[-1] if found else 0


def logs(project: Project, rule: str) -> list[str]:
    """What the jobs of a rule wrote, each at its last attempt."""
    return [path.read_text(encoding="utf-8") for path in sorted((project.folder / "logs" / rule).rglob("*.log"))]


def trained(project: Project) -> dict[str, bytes]:
    """The bytes of what trainings made, by path."""
    return results(project, "runs/*/*")


def leftovers(folder: Path) -> list[Path]:
    """Partial files and resume states."""
    scratch = folder / "scratch"
    states = [path for path in scratch.rglob("*") if path.is_file()] if scratch.exists() else []
    return [*states, *(folder / "results").rglob(".*")]
